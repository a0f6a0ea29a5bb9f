package document

import "github.com/chiyoda-kyodo/kyodo/pkg/fault"

// The refusals of registration documents beside those that all services share.
var (
	// ErrMissing refuses to hand in without what the ward requires; it names them.
	ErrMissing = fault.New(fault.Precondition, "DOCUMENTS_MISSING", "必要な書類がそろっていません。項目ごとの説明を確認し、書類を添付してからもう一度提出してください。", "Documents that are required are missing; see errors.")
	// ErrKept refuses to remove what was handed in.
	ErrKept = fault.New(fault.Precondition, "DOCUMENT_KEPT", "提出済みの書類は削除できません。差し替えるときは、新しい書類を追加してください。", "What was handed in is kept; add the new document beside it.")
	// ErrLimit refuses more documents than a period takes.
	ErrLimit = fault.New(fault.Precondition, "DOCUMENT_LIMIT", "1回の登録・更新に添付できる書類は50件までです。不要な書類を削除してから追加してください。", "At most 50 documents are taken for one period; remove one first.")
)

// missingReason is the reason of each field of ErrMissing.
const missingReason = "DOCUMENT_MISSING"
