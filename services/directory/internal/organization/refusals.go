package organization

import "github.com/chiyoda-kyodo/kyodo/pkg/fault"

// The refusals of organizations beside those that all services share.
var (
	// ErrIncomplete refuses a step for which fields are missing; it names them.
	ErrIncomplete = fault.New(fault.Precondition, "ORGANIZATION_INCOMPLETE", "必要な項目が入力されていません。項目ごとの説明を確認して入力してください。", "Fields that are needed are empty; see errors.")
	// ErrCorporateNumberTaken refuses a 法人番号 that another organization has.
	ErrCorporateNumberTaken = fault.New(fault.Exists, "CORPORATE_NUMBER_TAKEN", "この法人番号の団体はすでに登録されています。心当たりがないときは総合窓口へご相談ください。", "An organization with this corporate number is registered; ask the desk if you did not know.")
	// ErrKindFixed refuses members who change the kind of a verified organization.
	ErrKindFixed = fault.New(fault.Denied, "KIND_FIXED", "登録済みの団体の種別は変更できません。総合窓口へご相談ください。", "The kind of a verified organization is changed by the desk.")
	// ErrSourceFixed refuses a source from who is neither coordinator nor desk.
	ErrSourceFixed = fault.New(fault.Denied, "SOURCE_FIXED", "情報源は、中間支援組織と総合窓口だけが入力できます。訂正が必要なときは総合窓口へご相談ください。", "The source is written by coordinators and the desk; ask the desk to correct it.")
	// ErrValidityInvalid refuses a last day that is past or too far ahead.
	ErrValidityInvalid = fault.New(fault.Invalid, "VALIDITY_INVALID", "有効期限は今日から10年以内の日を指定してください。", "The last day of validity must lie within ten years from today.")
	// ErrSurvivorIsSame refuses to merge an organization into itself.
	ErrSurvivorIsSame = fault.New(fault.Invalid, "SURVIVOR_IS_SAME", "統合先には、統合する団体とは別の団体を指定してください。", "Name another organization as the survivor.")
	// ErrSurvivorNotPublished refuses a survivor that is not in the directory.
	ErrSurvivorNotPublished = fault.New(fault.Precondition, "SURVIVOR_NOT_PUBLISHED", "統合先は、登録済みの団体に限ります。先に統合先の登録を確認してください。", "The survivor must be verified; verify it first.")
	// ErrImportUnreadable refuses a file that is no list of organizations.
	ErrImportUnreadable = fault.New(fault.Invalid, "IMPORT_UNREADABLE", "CSV として読み取れません。1行目に項目名（名称、団体種別など）を1つずつ置いたファイルを選んでください。", "The file is no CSV with the names of the columns, such as 名称 and 団体種別, each once, in its first row.")
	// ErrImportRejected refuses a list of which a row cannot be imported; it names
	// row and column.
	ErrImportRejected = fault.New(fault.Invalid, "IMPORT_REJECTED", "取り込めない行があるため、何も登録していません。行と項目ごとの説明を確認して直してください。", "Some rows cannot be imported, and nothing was; see errors for row and column.")
	// ErrQueryTooShort refuses search words of one character.
	ErrQueryTooShort = fault.New(fault.Invalid, "QUERY_TOO_SHORT", "検索する言葉は、1語につき2文字以上で入力してください。", "Enter at least two characters for each search word.")
)

// Reasons of single fields; the refusal as a whole is INVALID_FIELD. Those of
// names, numbers and addresses come from package jp.
const (
	unknownActivityField = "UNKNOWN_ACTIVITY_FIELD"
	unknownLegalForm     = "UNKNOWN_LEGAL_FORM"
	notForThisKind       = "NOT_FOR_THIS_KIND"
	dateInFuture         = "DATE_IN_FUTURE"
	datesInWrongOrder    = "DATES_IN_WRONG_ORDER"
	textLikeFormula      = "TEXT_LIKE_FORMULA"
)
