//! Which calls `EventBridge` gives to rules.

/// What a record of `CloudTrail` says of a call, as far as rules are given it or not.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Call<'a> {
    /// The event's source, such as `aws.sts`.
    pub(crate) source: &'a str,
    /// `eventName`.
    pub(crate) name: &'a str,
    /// `managementEvent`.
    pub(crate) is_management: Option<bool>,
    /// `eventCategory`.
    pub(crate) category: Option<&'a str>,
    /// `readOnly`.
    pub(crate) is_read_only: Option<bool>,
}

impl Call<'_> {
    /// The `detail-type` of events about calls.
    pub(crate) const DETAIL_TYPE: &'static str = "AWS API Call via CloudTrail";

    /// Whether it is a read-only management event, which rules in the state `ENABLED` are not given.
    ///
    /// That is told from the name, as the documentation does: `AssumeRole` is delivered although its
    /// record says `readOnly`, and two calls of STS count as changes although they begin with `Get`.
    /// Data events are delivered whatever they are called.
    /// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail-management.html>
    ///
    /// Unverified: a call of such a name whose record says `"readOnly": false`; taken as a change.
    pub(crate) fn is_kept_from_rules(self) -> bool {
        let Self { source, name, is_management, category, is_read_only } = self;
        let is_data = is_management == Some(false)
            || category.is_some_and(|category| category != "Management");
        let reads = ["Get", "List", "Describe"].iter().any(|verb| name.starts_with(verb));
        let is_change =
            source == "aws.sts" && matches!(name, "GetFederationToken" | "GetSessionToken");
        reads && !is_data && !is_change && is_read_only != Some(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_only_management_events_are_kept_from_rules() {
        let check = |call: Call<'_>, want: bool| {
            assert_eq!(call.is_kept_from_rules(), want, "{call:?}");
        };
        let named = |name| Call { source: "aws.ec2", name, ..Call::default() };
        for (name, want) in [
            ("GetConsoleOutput", true),
            ("ListImages", true),
            ("DescribeInstances", true),
            ("RunInstances", false),
            ("TargetGet", false),
            ("getObject", false),
            ("", false),
        ] {
            check(named(name), want);
            let is_read_only = Some(true);
            check(Call { is_read_only, ..named(name) }, want);
            check(Call { is_read_only: Some(false), ..named(name) }, false);
            check(Call { is_management: Some(true), ..named(name) }, want);
            check(Call { is_management: Some(false), is_read_only, ..named(name) }, false);
            check(Call { category: Some("Management"), ..named(name) }, want);
            check(Call { category: Some("Data"), is_read_only, ..named(name) }, false);
            check(Call { category: Some("NetworkActivity"), ..named(name) }, false);
        }
        let of_sts = |name| Call { source: "aws.sts", is_read_only: Some(true), ..named(name) };
        check(of_sts("GetCallerIdentity"), true);
        check(of_sts("GetFederationToken"), false);
        check(of_sts("GetSessionToken"), false);
        check(of_sts("AssumeRole"), false);
        check(named("GetSessionToken"), true);
    }
}
