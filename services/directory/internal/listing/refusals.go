package listing

import "github.com/chiyoda-kyodo/kyodo/pkg/fault"

// The refusals of listings beside those that all services share.
var (
	// ErrPeriodInvalid refuses days that are past, in the wrong order or too far
	// ahead.
	ErrPeriodInvalid = fault.New(fault.Invalid, "LISTING_PERIOD_INVALID", "掲載の期限は今日から1年以内、期間の終わりは始まり以降の日を指定してください。", "The last day must lie within a year from today, and a period must end after it begins.")
	// ErrTextFixed refuses to change the checked text of a published listing.
	ErrTextFixed = fault.New(fault.Precondition, "LISTING_TEXT_FIXED", "公開中の掲載は、日付のほかは変更できません。内容を変えるときは、終了して新しく登録してください。", "A published listing keeps its checked text; close it and make a new one.")
	// ErrSourceNotYours refuses who names an intermediary's list without being a
	// member of that intermediary.
	ErrSourceNotYours = fault.New(fault.Denied, "SOURCE_NOT_YOURS", "出典は、その一覧を持つ中間支援組織だけが登録・変更できます。出典を空欄にして登録してください。", "Only the intermediary whose list it is can name or change the source; leave it empty.")
	// ErrOrganizationNotPublished refuses an organization that is not in the
	// directory.
	ErrOrganizationNotPublished = fault.New(fault.Precondition, "ORGANIZATION_NOT_PUBLISHED", "団体の登録が確認されてから行えます。登録の状態をご確認ください。", "The organization must be verified first; look at its registration.")
	// ErrTooMany refuses an owner more listings than can be looked after.
	ErrTooMany = fault.New(fault.Precondition, "TOO_MANY_LISTINGS", "終了していない掲載が上限（50件）に達しています。使わなくなった掲載を終了してから登録してください。", "The owner has 50 listings that are not closed; close one first.")
	// ErrNotOpen refuses an introduction to a listing that is not open.
	ErrNotOpen = fault.New(fault.Precondition, "LISTING_NOT_OPEN", "この掲載は受付を終了しています。公開中のほかの掲載を探してください。", "The listing is not open; look for another one.")
)

// Reasons of single fields; the refusal as a whole is INVALID_FIELD.
const unknownActivityField = "UNKNOWN_ACTIVITY_FIELD"
