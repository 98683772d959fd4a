//! Looks at the world through a provider, and plans.

use super::{Inputs, Moved, Options, Plan, Purpose, plan, undecided};
use crate::aws::{Identity, Region, StackName, Tags, tags};
use crate::provider::{AT_A_TIME, ErrorClass, Provider, ProviderError};
use crate::spec::Spec;
use crate::state::{
    Context, Desired, DesiredError, Kind, Muting, Resource, Scope, State, StateMachine,
    WebAclQuery, desired, web_acl_queries,
};
use futures_util::{StreamExt, stream};
use std::collections::{BTreeMap, BTreeSet};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Request {
    /// To set up or to remove.
    pub purpose: Purpose,
    /// What is allowed.
    pub options: Options,
    /// The region where the spec names none.
    pub default_region: Option<Region>,
    /// Looks for what lost its ties, too; see [`Scope::thorough`]. What was ever muted is looked
    /// for as well, then.
    pub thorough: bool,
}

impl Request {
    /// A request to make AWS equal to the file, with no special permissions.
    pub fn setup(default_region: Option<Region>) -> Self {
        Self {
            purpose: Purpose::Setup,
            options: Options::default(),
            default_region,
            thorough: false,
        }
    }

    /// A request to remove what is ours.
    pub fn destroy(default_region: Option<Region>) -> Self {
        Self { purpose: Purpose::Destroy, thorough: true, ..Self::setup(default_region) }
    }
}

/// Why no plan could be made.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// The spec does not fit this account.
    #[error(transparent)]
    Spec(#[from] DesiredError),
    /// The world could not be looked at.
    #[error(transparent)]
    Provider(#[from] ProviderError),
}

/// Plans what a request asks for.
///
/// ```
/// use notify_core::{local::LocalCloud, plan, provider, spec};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let text = "stack = \"demo\"\nregions = [\"eu-west-1\"]\n[topic]\nname = \"alerts\"\n";
/// let spec = spec::parse(text, spec::Format::Toml).spec.expect("a good file");
/// let cloud = LocalCloud::default();
///
/// let request = plan::Request::setup(None);
/// let first = plan::prepare(&cloud, &spec, &request).await?;
/// assert_eq!(first.count(plan::Action::Create), 1);
/// assert!(provider::apply(&cloud, &first, || false, |_| {}).await.is_complete());
///
/// assert!(plan::prepare(&cloud, &spec, &request).await?.is_empty());
/// # Ok::<(), plan::PrepareError>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub async fn prepare<P: Provider>(
    provider: &P,
    spec: &Spec,
    request: &Request,
) -> Result<Plan, PrepareError> {
    survey(provider, spec, request).await.map(|survey| survey.plan)
}

/// A plan with everything that was seen for it.
#[derive(Debug, Clone)]
pub struct Survey {
    /// The plan.
    pub plan: Plan,
    /// What exists.
    pub observed: State,
    /// What the file asks for.
    pub desired: Desired,
}

/// Plans as [`prepare`] does, and keeps what was seen.
pub async fn survey<P: Provider>(
    provider: &P,
    spec: &Spec,
    request: &Request,
) -> Result<Survey, PrepareError> {
    let (identity, mut desired) = wanted(provider, spec, request).await?;
    if request.purpose == Purpose::Destroy {
        desired.notes.clear();
        desired.holds.clear();
    }
    let (plan, observed) = look(provider, spec, request, &identity, &desired).await?;
    Ok(Survey { plan, observed, desired })
}

/// Looks at what exists, and plans what it takes to get from there to what is desired.
pub(super) async fn look<P: Provider>(
    provider: &P,
    spec: &Spec,
    request: &Request,
    identity: &Identity,
    desired: &Desired,
) -> Result<(Plan, State), PrepareError> {
    let Request { purpose, options, thorough, .. } = request;
    // A run in one region alone still reads the topics of the others: their tags say which
    // regions the stack has, and must name this one before anything is made in it.
    let mut also: BTreeSet<Region> = options.only.iter().cloned().collect();
    if *purpose == Purpose::Setup {
        also.extend(desired.regions.iter().cloned());
    }
    let mut scope = Scope::of(&spec.stack, &desired.state, &also);
    scope.thorough = *thorough;
    scope.filters = desired.state.values().any(is_filtered);
    for wanted in scope.regions.values_mut() {
        wanted.topics.extend(spec.topics().map(|topic| topic.name.clone()));
    }
    let mut observed = provider.observe(&scope).await?;
    if options.only.is_none() {
        observe_dropped(provider, spec, &mut scope, &mut observed).await?;
    }
    scope.roles.extend(former_roles(&observed, &spec.stack));
    observed.extend(roles(provider, &scope).await?);
    if *purpose == Purpose::Destroy {
        scope.mutes = ever_muted(&observed, &spec.stack);
        observed.extend(mutes(provider, &scope).await?);
    }
    let purpose = *purpose;
    let keys =
        undecided(&Inputs { purpose, spec, identity, desired, observed: &observed, options });
    if !keys.is_empty() {
        fill_tags(provider, &keys, &mut observed).await?;
    }
    let inputs = Inputs { purpose, spec, identity, desired, observed: &observed, options };
    let plan = plan(&inputs, scope);
    Ok((plan, observed))
}

/// Looks again at all that a plan touches, and says what has changed since it was made. Nothing
/// has when the answer is empty; another account is an error.
pub async fn recheck<P: Provider>(provider: &P, plan: &Plan) -> Result<Vec<Moved>, PrepareError> {
    let identity = provider.identity().await?;
    if identity != plan.identity {
        return Err(PrepareError::Spec(DesiredError {
            message: format!(
                "the plan is for account {}, and this is {}",
                plan.identity.account, identity.account
            ),
            help: "use the credentials of the plan's account, or plan again".to_owned(),
        }));
    }
    let mut now = provider.observe(&plan.scope).await?;
    now.extend(roles(provider, &plan.scope).await?);
    now.extend(mutes(provider, &plan.scope).await?);
    let unread = plan.seen.iter().filter(|(key, seen)| {
        let was_read = seen.as_ref().is_some_and(|seen| seen.tags().is_some());
        was_read && now.get(key).is_some_and(|now| now.tags().is_none())
    });
    let unread: Vec<_> =
        unread.map(|(key, _)| key.clone()).filter(|key| key.kind == Kind::Alarm).collect();
    if !unread.is_empty() {
        fill_tags(provider, &unread, &mut now).await?;
    }
    Ok(plan.moved(&now))
}

/// Whether the file says which messages a reader takes.
fn is_filtered(resource: &Resource) -> bool {
    matches!(resource, Resource::Subscription(reader) if !reader.filter.is_keep())
}

/// In which ways anything was ever muted, as the stack's topics tell.
pub(crate) fn ever_muted(observed: &State, stack: &StackName) -> BTreeSet<Muting> {
    let topics = observed.values().filter(|resource| matches!(resource, Resource::Topic(_)));
    let ours = |tags: &&Tags| matches!(super::owner(Some(*tags), stack), super::Owner::Ours { .. });
    topics.filter_map(Resource::tags).filter(ours).flat_map(Muting::of).collect()
}

/// The roles of state machines, wherever there is or was one.
fn former_roles(observed: &State, stack: &StackName) -> BTreeSet<String> {
    let ours = |tags: Option<&Tags>| matches!(super::owner(tags, stack), super::Owner::Ours { .. });
    let tells = |resource: &Resource| match resource {
        Resource::Topic(_) => {
            ours(resource.tags()) && resource.tags().is_some_and(tags::has_machine)
        }
        Resource::StateMachine(_) => ours(resource.tags()),
        _ => false,
    };
    if !observed.values().any(tells) {
        return BTreeSet::new();
    }
    StateMachine::roles(stack).into_iter().map(|key| key.name).collect()
}

/// What is there of roles; nobody is asked where there can be none.
pub(super) async fn roles<P: Provider>(
    provider: &P,
    scope: &Scope,
) -> Result<State, ProviderError> {
    if scope.roles.is_empty() {
        return Ok(State::new());
    }
    provider.roles(scope).await
}

/// What is there of mutes; nothing is asked where there can be none.
pub(crate) async fn mutes<P: Provider>(
    provider: &P,
    scope: &Scope,
) -> Result<State, ProviderError> {
    if scope.mutes.is_empty() {
        return Ok(State::new());
    }
    provider.mutes(scope).await
}

/// What a spec asks for in a provider's account: the web ACLs are asked for their rules, nothing
/// else is looked at.
pub async fn wanted<P: Provider>(
    provider: &P,
    spec: &Spec,
    request: &Request,
) -> Result<(Identity, Desired), PrepareError> {
    let Request { purpose, options, default_region, thorough: _ } = request;
    // First of all: where no region is known, nobody need be asked anything.
    let queries = web_acl_queries(spec, default_region.as_ref(), options.only.as_ref())?;
    let identity = provider.identity().await?;
    let web_acls = match purpose {
        Purpose::Setup => ask_web_acls(provider, queries).await?,
        Purpose::Destroy => BTreeMap::new(),
    };
    let context = Context {
        identity: identity.clone(),
        default_region: default_region.clone(),
        only: options.only.clone(),
        web_acls,
    };
    let desired = desired(spec, &context)?;
    if let (Purpose::Setup, Some(only)) = (purpose, &options.only) {
        desired.is_in(only)?;
    }
    Ok((identity, desired))
}

async fn ask_web_acls<P: Provider>(
    provider: &P,
    queries: BTreeSet<WebAclQuery>,
) -> Result<BTreeMap<WebAclQuery, Result<crate::aws::waf::WebAcl, String>>, PrepareError> {
    let mut answers = stream::iter(queries)
        .map(|query| async move {
            let answer = provider.web_acl(&query).await;
            (query, answer)
        })
        .buffered(AT_A_TIME);
    let mut found = BTreeMap::new();
    while let Some((query, answer)) = answers.next().await {
        let answer = match answer {
            Ok(acl) => Ok(acl),
            // The file names something that is not there: that is for its author to settle. Any
            // other failure says nothing about the web ACL, so its alarms must not change.
            Err(error) if error.class == ErrorClass::NotFound => return Err(error.into()),
            Err(error) => Err(error.to_string()),
        };
        found.insert(query, answer);
    }
    Ok(found)
}

/// A region that the file has dropped is named by the tag of a topic that it still has.
async fn observe_dropped<P: Provider>(
    provider: &P,
    spec: &Spec,
    scope: &mut Scope,
    observed: &mut State,
) -> Result<(), ProviderError> {
    let named: BTreeSet<Region> = observed
        .values()
        .filter(|resource| matches!(resource, Resource::Topic(_)))
        .filter_map(Resource::tags)
        .filter(|found| {
            matches!(super::owner(Some(*found), &spec.stack), super::Owner::Ours { .. })
        })
        .flat_map(tags::regions)
        .collect();
    let dropped: BTreeSet<Region> =
        named.into_iter().filter(|region| !scope.regions.contains_key(region)).collect();
    if dropped.is_empty() {
        return Ok(());
    }
    let mut there = Scope::of(&spec.stack, &State::new(), &dropped);
    there.thorough = scope.thorough;
    for wanted in there.regions.values_mut() {
        wanted.topics.extend(spec.topics().map(|topic| topic.name.clone()));
    }
    observed.extend(provider.observe(&there).await?);
    scope.regions.extend(there.regions);
    Ok(())
}

async fn fill_tags<P: Provider>(
    provider: &P,
    keys: &[crate::state::ResourceKey],
    state: &mut State,
) -> Result<(), ProviderError> {
    let mut owners = provider.owners(keys).await?;
    for key in keys {
        match (owners.remove(key), state.get_mut(key)) {
            (Some(tags), Some(resource)) => resource.set_tags(tags),
            // Gone since it was listed.
            (None, _) => {
                state.remove(key);
            }
            (Some(_), None) => {}
        }
    }
    Ok(())
}
