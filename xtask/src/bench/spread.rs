//! The middle of several measurements, and how far they lie apart.

use serde_json::{Value, json};

/// Of at least one measurement.
pub(super) struct Spread {
    median: f64,
    pub(super) least: f64,
    most: f64,
}

impl Spread {
    pub(super) fn of(mut measured: Vec<f64>) -> Self {
        measured.sort_by(f64::total_cmp);
        let middle = measured.len() / 2;
        let median = match measured.len() % 2 {
            0 => f64::midpoint(measured[middle - 1], measured[middle]),
            _ => measured[middle],
        };
        Self { median, least: measured[0], most: measured[measured.len() - 1] }
    }

    /// In another unit.
    pub(super) fn times(&self, factor: f64) -> Self {
        Self { median: self.median * factor, least: self.least * factor, most: self.most * factor }
    }

    /// With so many digits behind the point.
    pub(super) fn shown(&self, digits: usize) -> String {
        let Self { median, least, most } = self;
        format!("{median:>6.digits$}  ({least:.digits$} to {most:.digits$})")
    }

    pub(super) fn value(&self) -> Value {
        json!({ "median": self.median, "least": self.least, "most": self.most })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle_or_between_the_two_there() {
        assert_eq!(Spread::of(vec![5.0, 1.0, 2.0]).shown(0), "     2  (1 to 5)");
        assert_eq!(
            Spread::of(vec![4.0, 1.0, 2.0, 9.0]).value(),
            json!({ "median": 3.0, "least": 1.0, "most": 9.0 })
        );
    }
}
