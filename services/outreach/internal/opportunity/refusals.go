package opportunity

import "github.com/chiyoda-kyodo/kyodo/pkg/fault"

// ErrTraining refuses kinds that are for staff of the ward.
var ErrTraining = fault.New(fault.Precondition, "TRAINING_NOT_OFFERED", "職員研修の募集は、まだこの窓口では扱っていません。ボランティア募集か活動体験を選んでください。", "Training of staff is not offered here yet; choose VOLUNTEER or EXPERIENCE.")
