package follow

import "github.com/chiyoda-kyodo/kyodo/pkg/fault"

// ErrLimit refuses more follows of a person than Limit.
var ErrLimit = fault.New(fault.Precondition, "FOLLOW_LIMIT_REACHED", "フォローできるのは500件までです。不要なものを解除してください。", "You follow 500 things already; end some first.")
