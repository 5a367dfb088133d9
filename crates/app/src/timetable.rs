//! Other limits at other times: a table of hours, read from the settings and asked with the time of day.

use std::str::FromStr;

/// Minutes of a day.
const DAY: u16 = 24 * 60;
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// A moment of the week, by the clock on the wall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// From 0, Monday, to 6.
    weekday: u8,
    /// Since midnight.
    minute: u16,
}

impl Moment {
    /// Now, where this machine stands.
    #[must_use]
    pub fn now() -> Self {
        let now = jiff::Zoned::now();
        let minute = i16::from(now.hour()) * 60 + i16::from(now.minute());
        Self {
            weekday: now.weekday().to_monday_zero_offset().unsigned_abs(),
            minute: minute.unsigned_abs(),
        }
    }
}

/// What holds at some times instead of what else is set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Allowance {
    /// Download limit, bytes per second.
    pub down_rate_max: Option<u64>,
    /// Upload limit, bytes per second.
    pub up_rate_max: Option<u64>,
    /// Whether nothing is fetched but what is watched.
    pub rest: bool,
}

/// One line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Line {
    /// A bit for each day, Monday first.
    days: u8,
    /// From and to, in minutes; over midnight if it ends before it begins.
    span: (u16, u16),
    allowance: Allowance,
}

/// The table: `mon-fri 08:00-18:00 down=500 up=50`, `daily 23:00-06:00 rest`, separated by commas.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timetable(Vec<Line>);

impl Timetable {
    /// What holds at a moment, by the first line that fits; `None` if nothing special does.
    #[must_use]
    pub fn at(&self, moment: Moment) -> Option<Allowance> {
        self.0.iter().find(|line| line.holds(moment)).map(|line| line.allowance)
    }

    /// Whether the time of day makes no difference.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Line {
    fn holds(&self, Moment { weekday, minute }: Moment) -> bool {
        let on = |day: u8| self.days & (1 << day) != 0;
        let (from, to) = self.span;
        if from < to {
            return on(weekday) && (from..to).contains(&minute);
        }
        let yesterday = (weekday + 6) % 7;
        (on(weekday) && minute >= from) || (on(yesterday) && minute < to)
    }
}

impl FromStr for Timetable {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let lines = text.split(',').map(str::trim).filter(|line| !line.is_empty());
        lines.map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

impl FromStr for Line {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || format!("`{text}` is not like `mon-fri 08:00-18:00 down=500 up=50`");
        let mut words = text.split_whitespace();
        let days = words.next().and_then(days).ok_or_else(bad)?;
        let span = words.next().and_then(span).ok_or_else(bad)?;
        let mut allowance = Allowance::default();
        for word in words {
            match word.split_once('=') {
                Some(("down", kib)) => allowance.down_rate_max = Some(rate(kib).ok_or_else(bad)?),
                Some(("up", kib)) => allowance.up_rate_max = Some(rate(kib).ok_or_else(bad)?),
                None if word == "rest" => allowance.rest = true,
                _ => return Err(bad()),
            }
        }
        if allowance == Allowance::default() {
            return Err(bad());
        }
        Ok(Self { days, span, allowance })
    }
}

fn days(text: &str) -> Option<u8> {
    if text == "daily" {
        return Some(0x7f);
    }
    let day = |name: &str| DAYS.iter().position(|day| *day == name);
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (day(first)?, day(last)?);
    let count = (last + 7 - first) % 7;
    Some((0..=count).fold(0, |days, step| days | 1 << ((first + step) % 7)))
}

fn span(text: &str) -> Option<(u16, u16)> {
    let (from, to) = text.split_once('-')?;
    let (from, to) = (minute(from)?, minute(to)?);
    (from != to && from < DAY).then_some((from, to))
}

/// `24:00` is the end of a day.
fn minute(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    (minutes < 60 && hours <= 24).then(|| hours * 60 + minutes).filter(|minute| *minute <= DAY)
}

/// KiB per second; none at all is not offered.
fn rate(kib: &str) -> Option<u64> {
    let kib: u64 = kib.parse().ok()?;
    (kib > 0).then(|| kib.saturating_mul(1024))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(weekday: u8, hour: u16, minute: u16) -> Moment {
        Moment { weekday, minute: hour * 60 + minute }
    }

    #[test]
    fn the_first_line_that_fits_holds() {
        let text = "mon-fri 08:00-18:00 down=500 up=50, daily 17:00-20:00 rest";
        let table: Timetable = text.parse().unwrap();
        let work = Allowance {
            down_rate_max: Some(500 * 1024),
            up_rate_max: Some(50 * 1024),
            rest: false,
        };
        let rest = Allowance { rest: true, ..Allowance::default() };
        assert_eq!(table.at(at(0, 7, 59)), None);
        assert_eq!(table.at(at(0, 8, 0)), Some(work));
        assert_eq!(table.at(at(4, 17, 59)), Some(work));
        assert_eq!(table.at(at(4, 18, 0)), Some(rest));
        assert_eq!(table.at(at(5, 17, 30)), Some(rest), "a Saturday");
        assert_eq!(table.at(at(6, 20, 0)), None);
    }

    #[test]
    fn a_night_belongs_to_the_day_it_begins_on() {
        let table: Timetable = "fri 22:00-06:00 down=1".parse().unwrap();
        assert!(table.at(at(4, 22, 0)).is_some() && table.at(at(5, 5, 59)).is_some());
        assert!(table.at(at(4, 5, 0)).is_none() && table.at(at(5, 22, 0)).is_none());
    }

    #[test]
    fn days_go_round_the_week_and_a_day_ends_at_24() {
        let table: Timetable = "sat-mon 00:00-24:00 up=9".parse().unwrap();
        let on: Vec<_> = (0..7).filter(|day| table.at(at(*day, 23, 59)).is_some()).collect();
        assert_eq!(on, [0, 5, 6]);
        assert!(Timetable::default().is_empty() && !table.is_empty());
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let bad = [
            "mon",
            "mon 08:00-18:00",
            "mon 08:00-08:00 rest",
            "moon 08:00-18:00 rest",
            "mon 08:00-24:01 rest",
            "mon 24:00-08:00 rest",
            "mon 08:60-18:00 rest",
            "mon 99999:00-18:00 rest",
            "mon 08:00-18:00 up=0",
            "mon 08:00-18:00 sideways=4",
            "mon 08:00 - 18:00 rest",
        ];
        for text in bad {
            assert!(text.parse::<Timetable>().is_err(), "{text}");
        }
    }
}
