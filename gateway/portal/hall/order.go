package hall

import (
	"slices"

	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
)

// sorted returns the purposes in the order of the contract.
func sorted(purposes []facilitiesv1.UserClass_Purpose) []facilitiesv1.UserClass_Purpose {
	out := slices.Clone(purposes)
	slices.Sort(out)
	return out
}

// address is one line.
func address(a *typev1.Address) string {
	return a.GetPrefecture() + a.GetCity() + a.GetTown() + a.GetStreetNumber() + a.GetBuilding()
}
