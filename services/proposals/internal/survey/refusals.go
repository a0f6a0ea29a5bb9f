package survey

import "github.com/chiyoda-kyodo/kyodo/pkg/fault"

// The refusals about the survey.
var (
	// ErrBeforeDecision refuses the reply of an organization without a decided proposal.
	ErrBeforeDecision = fault.New(fault.Precondition, "SURVEY_BEFORE_DECISION", "この募集に、結果の決まった提案がありません。結果が公表されてから回答してください。", "No proposal of the organization to this call has its outcome yet.")
	// ErrReplied refuses a second reply.
	ErrReplied = fault.New(fault.Exists, "SURVEY_REPLIED", "この募集のアンケートには、すでに回答をいただいています。", "The organization has replied to this call already.")
)
