//! A withdrawal as a record: its family only grows, and a follower notices if it does not.

use super::{
    record::{RECORD_MAX, RecordId, digest},
    words::{read_texts, texts},
};
use crate::{
    cbor::{BadShape, Fields, Limits, Value, map_of},
    place::Digest,
    text::Id,
    withdrawal::{Withdrawal, WithdrawalReason},
};

const LIMITS: Limits = Limits { bytes: RECORD_MAX, depth: 3, values: 512 };

/// The id of a withdrawal: one for each title, and one for each torrent that is taken out of a title.
pub(crate) fn withdrawal_id(withdrawal: &Withdrawal) -> RecordId {
    let infohash = withdrawal.infohash.map(|infohash| infohash.0);
    id_of(&withdrawal.id, infohash.as_ref().map_or(&[], |infohash| infohash))
}

/// The id of the withdrawal that takes a whole title or episode back.
#[must_use]
pub fn withdrawal_of(title: &Id) -> RecordId {
    id_of(title, &[])
}

fn id_of(title: &Id, infohash: &[u8]) -> RecordId {
    RecordId(digest(b"kinora-withdrawal/1\0", &[&RecordId::of(title).0, infohash]))
}

pub(crate) fn to_bytes(withdrawal: &Withdrawal, at_ms: u64) -> Vec<u8> {
    let title = RecordId::of(&withdrawal.id);
    map_of([
        (1, Some(Value::Bytes(&title.0))),
        (2, withdrawal.infohash.as_ref().map(|infohash| Value::Bytes(&infohash.0))),
        (3, Some(Value::Unsigned(number(withdrawal.reason)))),
        (4, Some(Value::Unsigned(at_ms))),
        (5, texts(&withdrawal.note)),
    ])
    .to_bytes()
}

/// Reads a withdrawal. One whose reason is not known here withdraws all the same.
pub(crate) fn read(bytes: &[u8]) -> Result<Withdrawal, BadShape> {
    let mut fields = Fields::of(Value::read(bytes, LIMITS)?)?;
    let id = fields.required(1, |id| {
        let id = RecordId(id.array_of()?);
        id.to_id().map_err(|why| why.to_string())
    })?;
    Ok(Withdrawal {
        id,
        infohash: fields.optional(2, |infohash| infohash.array_of().map(Digest))?,
        reason: fields.required(3, |reason| {
            reason.unsigned().map(|number| reason_of(number).unwrap_or(WithdrawalReason::Rights))
        })?,
        note: fields.optional(5, read_texts)?.unwrap_or_default(),
    })
}

/// The number of a reason.
pub(super) fn number(reason: WithdrawalReason) -> u64 {
    match reason {
        WithdrawalReason::Licence => 1,
        WithdrawalReason::Rights => 2,
        WithdrawalReason::WrongFile => 3,
        WithdrawalReason::Malware => 4,
        WithdrawalReason::Privacy => 5,
        WithdrawalReason::Superseded => 6,
    }
}

/// The reason that has a number, if it is known to this program.
pub(super) fn reason_of(number: u64) -> Option<WithdrawalReason> {
    use WithdrawalReason::{Licence, Malware, Privacy, Rights, Superseded, WrongFile};
    let all = [Licence, Rights, WrongFile, Malware, Privacy, Superseded];
    all.into_iter().find(|reason| self::number(*reason) == number)
}
