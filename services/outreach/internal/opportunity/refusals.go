package opportunity

import "github.com/chiyoda-kyodo/kyodo/pkg/fault"

// The refusals about training of the staff.
var (
	// ErrForStaff refuses applications of volunteers for training of the staff.
	ErrForStaff = fault.New(fault.Precondition, "TRAINING_FOR_STAFF", "この募集は区職員の研修です。職員の方は、研修の申込みから申し込んでください。", "This is training for staff of the ward; staff apply at /v1/trainingApplications.")
	// ErrHost refuses placements that no organization offers.
	ErrHost = fault.New(fault.Precondition, "TRAINING_HOST_REQUIRED", "派遣研修は、職員を受け入れる団体の募集として作成してください。", "A placement is an offer of the organization that takes the staff.")
)
