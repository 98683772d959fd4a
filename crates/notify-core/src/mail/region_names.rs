//! The long names of regions, as alarms write them.

/// The name of a region in the texts of an alarm, such as `Asia Pacific (Tokyo)`.
///
/// The names are those of AWS's list of endpoints, except that alarms write `EU (City)` where the
/// list has `Europe (City)`. Seen in mails: N. Virginia, N. California, Oregon, Tokyo, Canada
/// (Central), Frankfurt, Ireland, London and Milan; the other names are unverified. A region that
/// is not in the table is called by its code.
///
/// ```
/// # use notify_core::mail::long_name;
/// assert_eq!(long_name("ap-northeast-1"), "Asia Pacific (Tokyo)");
/// assert_eq!(long_name("eu-west-2"), "EU (London)");
/// assert_eq!(long_name("xx-new-1"), "xx-new-1");
/// ```
pub fn long_name(region: &str) -> &str {
    match region {
        "af-south-1" => "Africa (Cape Town)",
        "ap-east-1" => "Asia Pacific (Hong Kong)",
        "ap-east-2" => "Asia Pacific (Taipei)",
        "ap-northeast-1" => "Asia Pacific (Tokyo)",
        "ap-northeast-2" => "Asia Pacific (Seoul)",
        "ap-northeast-3" => "Asia Pacific (Osaka)",
        "ap-south-1" => "Asia Pacific (Mumbai)",
        "ap-south-2" => "Asia Pacific (Hyderabad)",
        "ap-southeast-1" => "Asia Pacific (Singapore)",
        "ap-southeast-2" => "Asia Pacific (Sydney)",
        "ap-southeast-3" => "Asia Pacific (Jakarta)",
        "ap-southeast-4" => "Asia Pacific (Melbourne)",
        "ap-southeast-5" => "Asia Pacific (Malaysia)",
        "ap-southeast-6" => "Asia Pacific (New Zealand)",
        "ap-southeast-7" => "Asia Pacific (Thailand)",
        "ca-central-1" => "Canada (Central)",
        "ca-west-1" => "Canada West (Calgary)",
        "cn-north-1" => "China (Beijing)",
        "cn-northwest-1" => "China (Ningxia)",
        "eu-central-1" => "EU (Frankfurt)",
        "eu-central-2" => "EU (Zurich)",
        "eu-north-1" => "EU (Stockholm)",
        "eu-south-1" => "EU (Milan)",
        "eu-south-2" => "EU (Spain)",
        "eu-west-1" => "EU (Ireland)",
        "eu-west-2" => "EU (London)",
        "eu-west-3" => "EU (Paris)",
        "il-central-1" => "Israel (Tel Aviv)",
        "me-central-1" => "Middle East (UAE)",
        "me-south-1" => "Middle East (Bahrain)",
        "mx-central-1" => "Mexico (Central)",
        "sa-east-1" => "South America (Sao Paulo)",
        "us-east-1" => "US East (N. Virginia)",
        "us-east-2" => "US East (Ohio)",
        "us-gov-east-1" => "AWS GovCloud (US-East)",
        "us-gov-west-1" => "AWS GovCloud (US-West)",
        "us-west-1" => "US West (N. California)",
        "us-west-2" => "US West (Oregon)",
        unknown => unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::Region;

    #[test]
    fn every_known_region_has_a_name_of_its_own() {
        let mut names: Vec<_> = Region::known().map(long_name).collect();
        let count = names.len();
        for (code, name) in Region::known().zip(&names) {
            assert_ne!(code, *name);
            assert!(name.is_ascii() && name.ends_with(')'), "{name}");
            assert_eq!(code.starts_with("eu-"), name.starts_with("EU ("), "{code} is {name}");
            assert!(!name.contains("Europe"));
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn names_are_those_of_the_city() {
        for (code, name) in [
            ("af-south-1", "Africa (Cape Town)"),
            ("ap-east-1", "Asia Pacific (Hong Kong)"),
            ("ap-east-2", "Asia Pacific (Taipei)"),
            ("ap-northeast-2", "Asia Pacific (Seoul)"),
            ("ap-northeast-3", "Asia Pacific (Osaka)"),
            ("ap-south-1", "Asia Pacific (Mumbai)"),
            ("ap-south-2", "Asia Pacific (Hyderabad)"),
            ("ap-southeast-1", "Asia Pacific (Singapore)"),
            ("ap-southeast-2", "Asia Pacific (Sydney)"),
            ("ap-southeast-3", "Asia Pacific (Jakarta)"),
            ("ap-southeast-4", "Asia Pacific (Melbourne)"),
            ("ap-southeast-5", "Asia Pacific (Malaysia)"),
            ("ap-southeast-6", "Asia Pacific (New Zealand)"),
            ("ap-southeast-7", "Asia Pacific (Thailand)"),
            ("ca-central-1", "Canada (Central)"),
            ("ca-west-1", "Canada West (Calgary)"),
            ("eu-central-1", "EU (Frankfurt)"),
            ("eu-central-2", "EU (Zurich)"),
            ("eu-north-1", "EU (Stockholm)"),
            ("eu-south-1", "EU (Milan)"),
            ("eu-south-2", "EU (Spain)"),
            ("eu-west-1", "EU (Ireland)"),
            ("eu-west-3", "EU (Paris)"),
            ("il-central-1", "Israel (Tel Aviv)"),
            ("me-central-1", "Middle East (UAE)"),
            ("me-south-1", "Middle East (Bahrain)"),
            ("mx-central-1", "Mexico (Central)"),
            ("sa-east-1", "South America (Sao Paulo)"),
            ("us-east-1", "US East (N. Virginia)"),
            ("us-east-2", "US East (Ohio)"),
            ("us-west-1", "US West (N. California)"),
            ("us-west-2", "US West (Oregon)"),
            ("", ""),
        ] {
            assert_eq!(long_name(code), name);
        }
    }
}
