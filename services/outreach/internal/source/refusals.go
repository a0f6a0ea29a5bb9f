package source

import "github.com/chiyoda-kyodo/kyodo/pkg/fault"

// The refusals about sources.
var (
	// ErrExists refuses a second source with an address.
	ErrExists = fault.New(fault.Exists, "SOURCE_EXISTS", "このアドレスはすでに登録されています。登録済みの情報源を確認してください。", "A source with this address is registered already; see the list of sources.")
	// ErrAddress refuses an address that is not on the public web.
	ErrAddress = fault.New(fault.Invalid, "SOURCE_ADDRESS_FORBIDDEN", "このアドレスは登録できません。だれでも見られるページの http または https のアドレスを入力してください。", "The address is not on the public web; enter the http or https address of a public page.")
)
