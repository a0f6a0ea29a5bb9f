package person

import "github.com/chiyoda-kyodo/kyodo/pkg/fault"

// ErrSessionEnded refuses a session that is unknown, revoked or too old.
var ErrSessionEnded = fault.New(fault.Unauthenticated, "SESSION_ENDED", "ログインの有効期限が切れました。ログインし直してください。", "The session has ended; sign in again.")
