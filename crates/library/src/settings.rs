//! What the household chose: settings with defaults, and its consent to sharing.

use std::path::PathBuf;

use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{error::LibraryError, store::Library, time::Timestamp, writer::Failure};

/// Everything that can be set. Missing fields of an older file take their defaults.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// What is given back to the swarm, and how fast.
    pub sharing: SharingSettings,
    /// Where fetched data lies.
    pub cache: CacheSettings,
    /// Language of the page and of what titles say (BCP 47); empty until it was chosen, by somebody or by the
    /// browser of the first page that was opened.
    pub language: String,
    /// Preferred spoken language.
    pub audio_language: Option<String>,
    /// Preferred language of subtitles; `None` shows none.
    pub subtitle_language: Option<String>,
    /// Colours of the page.
    pub theme: Theme,
    /// How peers reach this machine.
    pub network: NetworkSettings,
}

/// What is given back to the swarm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SharingSettings {
    /// Whether anything is uploaded beyond what playing itself needs.
    pub enabled: bool,
    /// Upload limit, KiB/s.
    pub up_limit_kib: Option<u32>,
    /// Download limit, KiB/s.
    pub down_limit_kib: Option<u32>,
    /// Stop seeding at this ratio of bytes given to bytes taken.
    pub seed_ratio_max: Option<f64>,
    /// Whether to go on sharing what was watched.
    pub seed_after_watching: bool,
}

/// Where fetched data lies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CacheSettings {
    /// The folder; `None` for the program's own.
    pub path: Option<PathBuf>,
    /// The most it may hold, GiB.
    pub quota_gib: u32,
    /// The most that followed channels may take, GiB: what they list, not their films.
    pub channels_gib: u32,
}

/// How peers reach this machine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NetworkSettings {
    /// The port that peers connect to; 0 lets the system choose.
    pub listen_port: u16,
}

/// Colours of the page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the system is set.
    #[default]
    System,
    /// Light on dark.
    Dark,
    /// Dark on light.
    Light,
}

impl Default for SharingSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            up_limit_kib: None,
            down_limit_kib: None,
            seed_ratio_max: Some(2.0),
            seed_after_watching: true,
        }
    }
}

impl Default for CacheSettings {
    fn default() -> Self {
        Self { path: None, quota_gib: 20, channels_gib: 10 }
    }
}

impl Settings {
    /// These settings with the named fields replaced, however deep; `null` stands for "none" where there can be
    /// none.
    ///
    /// # Errors
    ///
    /// [`LibraryError::Invalid`] names a field that does not exist or a value that does not fit.
    pub fn patched(&self, patch: &Value) -> Result<Self, LibraryError> {
        let invalid = |why: String| LibraryError::Invalid(format!("settings: {why}"));
        let mut value = serde_json::to_value(self).map_err(|error| invalid(error.to_string()))?;
        merge(&mut value, patch, "").map_err(invalid)?;
        let settings: Self =
            serde_json::from_value(value).map_err(|error| invalid(error.to_string()))?;
        settings.check().map_err(|why| invalid(why.to_owned()))?;
        Ok(settings)
    }

    fn check(&self) -> Result<(), &'static str> {
        let rates = [self.sharing.up_limit_kib, self.sharing.down_limit_kib];
        if rates.contains(&Some(0)) {
            return Err("a speed limit is at least 1 KiB/s; use null for none");
        }
        if self.sharing.seed_ratio_max.is_some_and(|ratio| !(0.0..=1e6).contains(&ratio)) {
            return Err("`sharing.seed_ratio_max` lies between 0 and 1,000,000");
        }
        if self.cache.quota_gib == 0 {
            return Err("`cache.quota_gib` is at least 1");
        }
        if self.cache.channels_gib == 0 {
            return Err("`cache.channels_gib` is at least 1");
        }
        if self.cache.path.as_ref().is_some_and(|path| !path.is_absolute()) {
            return Err("`cache.path` is an absolute path");
        }
        Ok(())
    }
}

fn merge(value: &mut Value, patch: &Value, place: &str) -> Result<(), String> {
    let (Value::Object(fields), Value::Object(patch)) = (&mut *value, patch) else {
        *value = patch.clone();
        return Ok(());
    };
    for (name, new) in patch {
        let place = format!("{place}{name}");
        let field = fields.get_mut(name).ok_or_else(|| format!("there is no `{place}`"))?;
        merge(field, new, &format!("{place}."))?;
    }
    Ok(())
}

/// That somebody agreed to sharing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Consent {
    /// Which text they agreed to.
    pub version: u32,
    /// When.
    pub given_at: Timestamp,
}

impl Library {
    /// The settings in force.
    ///
    /// # Errors
    ///
    /// As every read.
    pub fn settings(&self) -> Result<Settings, LibraryError> {
        self.read(stored_settings)
    }

    /// Changes a part of the settings ([`Settings::patched`]) and returns all of them.
    ///
    /// # Errors
    ///
    /// [`LibraryError::Invalid`] for what does not fit; else as every write.
    pub fn patch_settings(&self, patch: Value) -> Result<Settings, LibraryError> {
        self.write(move |db| {
            let settings = stored_settings(db)?.patched(&patch)?;
            db.execute(
                "INSERT OR REPLACE INTO settings VALUES (1, ?1)",
                [serde_json::to_string(&settings)?],
            )?;
            Ok(settings)
        })
    }

    /// The consent that was given, if any.
    ///
    /// # Errors
    ///
    /// As every read.
    pub fn consent(&self) -> Result<Option<Consent>, LibraryError> {
        self.read(|db| {
            let mut statement = db.prepare_cached("SELECT version, given_at FROM consent")?;
            let consent = statement
                .query_row([], |row| Ok(Consent { version: row.get(0)?, given_at: row.get(1)? }));
            Ok(consent.optional()?)
        })
    }

    /// Notes consent to a version of the text, or that it was taken back.
    ///
    /// # Errors
    ///
    /// As every write.
    pub fn set_consent(&self, version: Option<u32>) -> Result<Option<Consent>, LibraryError> {
        self.write(move |db| {
            db.execute("DELETE FROM consent", [])?;
            let consent = version.map(|version| Consent { version, given_at: Timestamp::now() });
            if let Some(Consent { version, given_at }) = consent {
                db.execute("INSERT INTO consent VALUES (1, ?1, ?2)", params![version, given_at])?;
            }
            Ok(consent)
        })
    }
}

fn stored_settings(db: &Connection) -> Result<Settings, Failure> {
    let json: Option<String> =
        db.query_row("SELECT json FROM settings", [], |row| row.get(0)).optional()?;
    Ok(json.map(|json| serde_json::from_str(&json)).transpose()?.unwrap_or_default())
}
