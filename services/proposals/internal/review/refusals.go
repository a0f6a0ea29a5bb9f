package review

import (
	"strconv"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
)

// The refusals about reviews.
var (
	// ErrConflict refuses the sheet of a reviewer with a conflict of interest.
	ErrConflict = fault.New(fault.Denied, "CONFLICT_OF_INTEREST", "利害関係のある提案は審査できません。除斥の申出をしてください。", "A proposal with a conflict of interest cannot be reviewed; declare it.")
	// ErrPhaseClosed refuses changes of a closed phase.
	ErrPhaseClosed = fault.New(fault.Precondition, "PHASE_CLOSED", "この審査は締め切られています。次の審査を始めてください。", "The phase is closed; open the next one.")
	// ErrPhaseOpen refuses a second open phase of a call.
	ErrPhaseOpen = fault.New(fault.Exists, "PHASE_OPEN", "締め切っていない審査があります。先に締め切ってください。", "The call has an open phase; close it first.")
	// ErrNotUnderReview refuses proposals that are not under review in the call.
	ErrNotUnderReview = fault.New(fault.Precondition, "NOT_UNDER_REVIEW", "審査中の提案だけを指定してください。", "Name only proposals of the call that are under review.")
	// ErrAssigned refuses the same reviewer twice for one proposal.
	ErrAssigned = fault.New(fault.Exists, "REVIEWER_ASSIGNED", "この審査委員にはすでに割り当てられています。", "The reviewer has this proposal already.")
	// ErrReviewerUnknown refuses persons who do not review today; metadata reviewerId.
	ErrReviewerUnknown = fault.New(fault.Invalid, "REVIEWER_UNKNOWN", "指定された人は、現在の審査委員ではありません。審査委員の登録を確認してください。", "The person is no reviewer of the ward today.")
	// ErrScore refuses scores that the criteria do not have; metadata no.
	ErrScore = fault.New(fault.Invalid, "SCORE_INVALID", "採点が審査基準と合っていません。基準ごとに配点以内で1回だけ入力してください。", "Score each criterion once, from 0 to its points.")
	// ErrIncomplete refuses to hand in a sheet without all scores; metadata missing.
	ErrIncomplete = fault.New(fault.Precondition, "SHEET_INCOMPLETE", "採点していない審査基準があります。すべて採点してから提出してください。", "Score every criterion before handing in.")
)

// pendingReviews refuses to go on before all sheets are there.
func pendingReviews(n int) error { return proposal.ErrReviewsPending.With("pending", strconv.Itoa(n)) }
