// Package party holds the refusals about the organizations and departments of
// which directory is asked.
package party

import "github.com/chiyoda-kyodo/kyodo/pkg/fault"

// The refusals about organizations and departments.
var (
	// ErrOrganizationUnknown refuses the id of an organization that is not there; metadata organizationId.
	ErrOrganizationUnknown = fault.New(fault.Invalid, "ORGANIZATION_UNKNOWN", "指定された団体は登録されていません。団体を選び直してください。", "The organization is not registered.")
	// ErrOrganizationNotVerified refuses organizations that are not registered and checked; metadata organizationId.
	ErrOrganizationNotVerified = fault.New(fault.Precondition, "ORGANIZATION_NOT_VERIFIED", "団体の登録が確認されていません。団体登録の手続を済ませてから行ってください。", "The organization is not verified; complete its registration first.")
	// ErrDepartmentUnknown refuses the id of a department that is not there today; metadata departmentId.
	ErrDepartmentUnknown = fault.New(fault.Invalid, "DEPARTMENT_UNKNOWN", "指定された課は、現在の組織にありません。課を選び直してください。", "The ward has no such department today.")
)
