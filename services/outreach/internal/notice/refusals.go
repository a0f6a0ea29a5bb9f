package notice

import "github.com/chiyoda-kyodo/kyodo/pkg/fault"

// ErrRequired refuses to turn off a kind that everybody must get; metadata kind.
var ErrRequired = fault.New(fault.Precondition, "NOTICE_REQUIRED", "決定や補正のお願いなど、必ずお送りする通知は止められません。ほかの種類を選んでください。", "Decisions and requests with a term cannot be turned off; choose other kinds.")
