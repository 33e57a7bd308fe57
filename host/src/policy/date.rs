//! Days, for exceptions that end.

use std::fmt;

use fumehood_contract::Timestamp;

/// A day of the calendar, in UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The present day, by this process's clock.
    pub fn today() -> Self {
        Self::of(Timestamp::now())
    }

    /// The day of a moment.
    pub fn of(moment: Timestamp) -> Self {
        let text = moment.to_string();
        text.split('T').next().and_then(Self::parse).unwrap_or_default()
    }

    /// Reads `2030-12-31`.
    pub fn parse(text: &str) -> Option<Self> {
        let is_written_so = text.len() == 10
            && text.bytes().enumerate().all(|(at, byte)| match at {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        if !is_written_so {
            return None;
        }
        let mut numbers = text.split('-');
        let mut number = || numbers.next()?.parse::<u16>().ok();
        let (year, month, day) = (number()?, number()?, number()?);
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        let is_day = (1..=days).contains(&day);
        is_day.then_some(Self { year, month: u8::try_from(month).ok()?, day: u8::try_from(day).ok()? })
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        assert_eq!(Date::parse("2028-02-29").map(|date| date.to_string()).as_deref(), Some("2028-02-29"));
        for wrong in ["2027-02-29", "2100-02-29", "2027-13-01", "2027-00-10", "2027-04-31", "27-1-1", "2027-1-011", ""]
        {
            assert_eq!(Date::parse(wrong), None, "{wrong}");
        }
        assert!(Date::parse("2027-01-31") < Date::parse("2027-02-01"));
        assert_eq!(Date::of(Timestamp::from_unix_seconds(86_400)).to_string(), "1970-01-02");
    }
}
