//! Changes to parts of something: what is not named stays as it is.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use ts_rs::TS;

use crate::{Credentials, Secret};

/// What becomes of one part. On the wire a part that stays is left out, one that goes is `null`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Change<T> {
    /// It stays as it is.
    #[default]
    Keep,
    /// It goes.
    Remove,
    /// It is this from now on.
    Set(T),
}

/// What is to be another way of asking; what is not named stays. Text that is empty is none.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OptionChanges {
    /// Headers for the address's own origin. Each that is named is another one now, or gone where it is empty; the others
    /// stay. `null` removes all.
    #[serde(default, skip_serializing_if = "Change::is_keep")]
    #[ts(as = "Option<Vec<(String, Secret)>>")]
    pub headers: Change<Vec<(String, Secret)>>,
    /// A Cookie header's value, for the address's own origin.
    #[serde(default, skip_serializing_if = "Change::is_keep")]
    #[ts(as = "Option<Secret>")]
    pub cookies: Change<Secret>,
    /// The page that the link was found on.
    #[serde(default, skip_serializing_if = "Change::is_keep")]
    #[ts(as = "Option<String>")]
    pub referer: Change<String>,
    /// Who asks.
    #[serde(default, skip_serializing_if = "Change::is_keep")]
    #[ts(as = "Option<Credentials>")]
    pub credentials: Change<Credentials>,
    /// The proxy for this download alone.
    #[serde(default, skip_serializing_if = "Change::is_keep")]
    #[ts(as = "Option<Secret>")]
    pub proxy: Change<Secret>,
    /// Who one says to be; none is what the settings say.
    #[serde(default, skip_serializing_if = "Change::is_keep")]
    #[ts(as = "Option<String>")]
    pub user_agent: Change<String>,
}

impl<T> Change<T> {
    /// Whether it stays as it is.
    pub fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    /// What is there after the change.
    pub fn apply(self, to: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Remove => *to = None,
            Self::Set(value) => *to = Some(value),
        }
    }
}

impl<T: Serialize> Serialize for Change<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Keep | Self::Remove => serializer.serialize_none(),
            Self::Set(value) => serializer.serialize_some(value),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Change<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // What is left out never comes here: that is the field's default.
        Option::deserialize(deserializer).map(|value| value.map_or(Self::Remove, Self::Set))
    }
}

/// Nearly all of it may be secret.
impl fmt::Debug for OptionChanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OptionChanges").finish_non_exhaustive()
    }
}
