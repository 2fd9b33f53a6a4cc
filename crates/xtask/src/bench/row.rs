//! One line of what came out: our samples, the other side's, their ratio, and whether that is what it has to be.

use serde::Serialize;

use super::goal::{Goal, SAMPLES_MIN};
use super::sample::median;

/// One comparison, or one figure that has nothing beside it.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    pub(super) metric: String,
    /// 0 where no client is asked.
    pub(super) clients: u32,
    pub(super) ours: Vec<f64>,
    /// Empty where a figure stands alone.
    pub(super) theirs: Vec<f64>,
    pub(super) unit: &'static str,
    /// The ratio of the medians.
    pub(super) ratio: Option<f64>,
    /// The bound that the ratio has to keep, or the median where a figure stands alone.
    #[serde(serialize_with = "bound")]
    pub(super) goal: Option<Goal>,
    /// Nothing where there is no goal, or where there are too few samples.
    pub(super) met: Option<bool>,
}

/// What is measured.
#[derive(Debug, Clone)]
pub(super) struct Metric {
    pub(super) name: String,
    pub(super) clients: u32,
    pub(super) unit: &'static str,
    pub(super) goal: Option<Goal>,
}

impl Row {
    /// Two sides, measured in turn.
    pub(super) fn compared(metric: Metric, ours: Vec<f64>, theirs: Vec<f64>) -> Self {
        let ratio = match (median(&ours), median(&theirs)) {
            (Some(ours), Some(theirs)) if theirs > 0.0 => Some(ours / theirs),
            (Some(_) | None, Some(_) | None) => None,
        };
        let is_enough = ours.len() >= SAMPLES_MIN && theirs.len() >= SAMPLES_MIN;
        Self::new(metric, (ours, theirs), ratio, ratio.filter(|_| is_enough))
    }

    /// A figure by itself.
    pub(super) fn alone(metric: Metric, ours: Vec<f64>) -> Self {
        let judged = median(&ours).filter(|_| ours.len() >= SAMPLES_MIN);
        Self::new(metric, (ours, Vec::new()), None, judged)
    }

    fn new(
        metric: Metric,
        (ours, theirs): (Vec<f64>, Vec<f64>),
        ratio: Option<f64>,
        judged: Option<f64>,
    ) -> Self {
        let Metric { name, clients, unit, goal } = metric;
        let met = goal.zip(judged).map(|(goal, value)| goal.is_met_by(value));
        Self { metric: name, clients, ours, theirs, unit, ratio, goal, met }
    }

    /// The verdict as a word.
    pub(super) fn verdict(&self) -> &'static str {
        match self.met {
            Some(true) => "yes",
            Some(false) => "no",
            None => "",
        }
    }
}

fn bound<S: serde::Serializer>(goal: &Option<Goal>, serializer: S) -> Result<S::Ok, S::Error> {
    goal.map(Goal::bound).serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric(goal: Goal) -> Metric {
        Metric { name: "x".to_owned(), clients: 1, unit: "1/s", goal: Some(goal) }
    }

    #[test]
    fn the_ratio_is_that_of_the_medians() {
        let row = Row::compared(metric(Goal::AtLeast(2.0)), vec![8.0, 1.0, 6.0], vec![3.0, 9.0, 2.0]);
        assert_eq!((row.ratio, row.met), (Some(2.0), Some(true)));
    }

    #[test]
    fn too_few_samples_are_no_verdict() {
        let row = Row::compared(metric(Goal::AtMost(2.0)), vec![1.0, 1.0], vec![1.0, 1.0, 1.0]);
        assert_eq!((row.ratio, row.met), (Some(1.0), None));
    }

    #[test]
    fn a_missing_side_is_no_ratio() {
        let row = Row::compared(metric(Goal::AtLeast(2.0)), vec![1.0, 1.0, 1.0], Vec::new());
        assert_eq!((row.ratio, row.met), (None, None));
    }

    #[test]
    fn the_file_has_the_fields_that_are_promised() {
        let row = Row::alone(metric(Goal::AtMost(6.0)), vec![5.0, 7.0, 6.5]);
        let text = serde_json::to_string(&row).unwrap();
        assert_eq!(
            text,
            r#"{"metric":"x","clients":1,"ours":[5.0,7.0,6.5],"theirs":[],"unit":"1/s","ratio":null,"goal":6.0,"met":false}"#
        );
    }
}
