//! Rules of a mailbox ([MS-OXORULE] 2.2.4): hidden messages, which say what is done with mail that arrives. They are no
//! mail, and are counted among the hidden messages.

use super::census::Census;
use super::item::split_subject;
use super::message::Message;
use super::store::Reader;
use super::tags;
use crate::error::ItemError;
use crate::ndb::ids::NodeId;

/// A rule of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The hidden message that holds it.
    pub node: NodeId,
    /// The folder whose mail it is about.
    pub folder: NodeId,
    /// `PidTagMessageClass`: `IPM.Rule.Version2.Message`, `IPM.ExtendedRule.Message` or `IPM.RuleOrganizer`, which holds
    /// all rules of Outlook itself.
    pub class: String,
    /// `PidTagRuleMessageName`, or the subject where there is none.
    pub name: String,
    /// `PidTagRuleMessageProvider`: whose rule it is.
    pub provider: String,
    /// `PidTagRuleMessageSequence`: rules of one folder are tried in this order.
    pub sequence: i32,
    /// `ST_ENABLED` of `PidTagRuleMessageState`; `None` where the state is not stated.
    pub is_enabled: Option<bool>,
}

/// Whether messages of this class hold rules, letter case aside.
pub fn is_rule(class: &str) -> bool {
    let is = |prefix: &str| {
        class.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
            && matches!(class.as_bytes().get(prefix.len()), None | Some(b'.'))
    };
    ["IPM.Rule", "IPM.ExtendedRule", "IPM.RuleOrganizer"].into_iter().any(is)
}

/// `ST_ENABLED`
const ENABLED: i32 = 1;

impl Reader<'_> {
    /// The rules among the hidden messages of `census`, in its order. One that cannot be read is left out, and stands
    /// beside the others with its error.
    pub fn rules(&mut self, census: &Census) -> (Vec<Rule>, Vec<ItemError>) {
        let (mut rules, mut failed) = (Vec::new(), Vec::new());
        let hidden = census.items.iter().filter(|item| item.hidden && !item.origin.is_recovered());
        for entry in hidden {
            match self.message(entry.node) {
                Ok(message) => rules.extend(self.rule(&message, entry.folder)),
                Err(error) => failed.push(error),
            }
        }
        self.ndb.anomalies.take();
        (rules, failed)
    }

    fn rule(&mut self, message: &Message, folder: NodeId) -> Option<Rule> {
        let properties = &message.properties;
        let mut text = |tag| properties.text(&mut self.ndb, tag).unwrap_or_default();
        let class = text(tags::MESSAGE_CLASS);
        if !is_rule(&class) {
            return None;
        }
        let name = text(tags::RULE_NAME);
        Some(Rule {
            node: message.node,
            folder,
            name: if name.is_empty() { split_subject(&text(tags::SUBJECT)).0.to_owned() } else { name },
            provider: text(tags::RULE_PROVIDER),
            sequence: properties.int(tags::RULE_SEQUENCE).unwrap_or(0),
            is_enabled: properties.int(tags::RULE_STATE).map(|state| state & ENABLED != 0),
            class,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes() {
        let check = |class, want| assert_eq!(is_rule(class), want, "{class}");
        check("IPM.Rule.Version2.Message", true);
        check("ipm.rule.message", true);
        check("IPM.ExtendedRule.Message", true);
        check("IPM.RuleOrganizer", true);
        check("IPM.Rules", false);
        check("IPM.Note", false);
        check("IPM.Configuration.Rule", false);
        check("", false);
    }
}
