//! What is asked of the whole of a query's answer: insights, and who wrote to whom.

use super::Library;
use crate::error::Result;
use crate::insights::{self, Insights, PeopleGraph};
use crate::search::Question;
use std::time::Instant;

impl Library {
    /// What the items that match have in common.
    ///
    /// # Errors
    /// See [`insights::insights`].
    pub fn insights(&self, request: &insights::Request) -> Result<Insights> {
        let started = Instant::now();
        let answer = insights::insights(&self.shared.index, &self.shared.store, request)?;
        tracing::debug!(items = answer.total, took = ?started.elapsed(), "insights");
        Ok(answer)
    }

    /// Who wrote to whom among the items that match: the `limit` people with the most items.
    ///
    /// # Errors
    /// See [`insights::people`].
    pub fn people(&self, question: &Question, limit: usize) -> Result<PeopleGraph> {
        insights::people(&self.shared.index, &self.shared.store, question, limit)
    }
}
