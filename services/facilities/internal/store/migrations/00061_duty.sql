-- +goose Up
-- What waits for a person: few rows of many, each kind by its own small index.
CREATE INDEX booking_to_approve ON booking (expires_at) WHERE state = 'TENTATIVE' AND detail ? 'needsApproval';
CREATE INDEX booking_reduction_drafted ON booking (updated_at) WHERE detail -> 'reduction' ->> 'state' = 'DRAFTED';
CREATE INDEX booking_refund_due ON booking (updated_at) WHERE payment_state = 'REFUND_DUE';
CREATE INDEX lottery_entry_to_confirm ON lottery_entry (holder_id) WHERE state = 'WON';
