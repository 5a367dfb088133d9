//! What visitors answered who were asked whether to go along with a site that moved: they are asked once.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use catalogue::channel::Key;

/// The folder below that of the sites; a file in it is named by the site that moved.
const FOLDER: &str = "moved";
/// What whoever stays where they are is noted with.
const STAYS: &str = "stays";
/// Longer files are not ours, bytes.
const LEN_MAX: u64 = 100;

/// What was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Whoever asks for the site gets this one.
    Goes(Key),
    /// The site is shown as it was.
    Stays,
}

/// The answers of a household.
#[derive(Debug, Clone)]
pub struct Answers(PathBuf);

impl Answers {
    /// Those that are kept beside the sites in a folder.
    #[must_use]
    pub fn new(sites: &Path) -> Self {
        Self(sites.join(FOLDER))
    }

    /// What was answered of a site; nothing if nobody was asked, or what is noted says nothing.
    #[must_use]
    pub fn of(&self, moved: &Key) -> Option<Answer> {
        let path = self.path(moved);
        if fs::metadata(&path).ok()?.len() > LEN_MAX {
            return None;
        }
        match fs::read_to_string(path).ok()?.trim() {
            STAYS => Some(Answer::Stays),
            next => Key::parse(next).map(Answer::Goes),
        }
    }

    /// Where whoever asks for a site goes, by way of all sites that it moved to.
    #[must_use]
    pub fn goal(&self, moved: Key) -> Key {
        let mut seen = vec![moved];
        let mut goal = moved;
        while let Some(Answer::Goes(next)) = self.of(&goal) {
            // A circle leads nowhere.
            if seen.contains(&next) {
                return moved;
            }
            seen.push(next);
            goal = next;
        }
        goal
    }

    /// Notes an answer, or, without one, that somebody wants to be asked again.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn note(&self, moved: &Key, answer: Option<Answer>) -> io::Result<()> {
        let path = self.path(moved);
        let text = match answer {
            Some(Answer::Goes(next)) => next.to_string(),
            Some(Answer::Stays) => STAYS.to_owned(),
            None => {
                return fs::remove_file(path).or_else(|error| match error.kind() {
                    io::ErrorKind::NotFound => Ok(()),
                    _ => Err(error),
                });
            }
        };
        fs::create_dir_all(&self.0)?;
        let mut file = tempfile::NamedTempFile::new_in(&self.0)?;
        io::Write::write_all(&mut file, text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    }

    fn path(&self, moved: &Key) -> PathBuf {
        self.0.join(moved.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [Key; 3] = [Key([1; 32]), Key([2; 32]), Key([3; 32])];

    #[test]
    fn an_answer_is_kept_until_somebody_wants_to_be_asked_again() {
        let folder = tempfile::tempdir().unwrap();
        let answers = Answers::new(folder.path());
        let [one, next, last] = KEYS;
        assert_eq!((answers.of(&one), answers.goal(one)), (None, one));
        answers.note(&one, Some(Answer::Goes(next))).unwrap();
        answers.note(&next, Some(Answer::Goes(last))).unwrap();
        assert_eq!(Answers::new(folder.path()).goal(one), last);
        answers.note(&next, Some(Answer::Stays)).unwrap();
        assert_eq!((answers.of(&next), answers.goal(one)), (Some(Answer::Stays), next));
        answers.note(&one, None).unwrap();
        answers.note(&one, None).unwrap();
        assert_eq!(answers.of(&one), None);
    }

    #[test]
    fn a_circle_and_a_file_of_something_else_lead_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        let answers = Answers::new(folder.path());
        let [one, next, last] = KEYS;
        answers.note(&one, Some(Answer::Goes(next))).unwrap();
        answers.note(&next, Some(Answer::Goes(one))).unwrap();
        assert_eq!(answers.goal(one), one);
        for text in ["", "perhaps", &"y".repeat(200)] {
            fs::write(folder.path().join("moved").join(last.to_string()), text).unwrap();
            assert_eq!(answers.of(&last), None, "{text}");
        }
    }
}
