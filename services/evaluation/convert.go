package evaluation

// value is the enum value with a name of the domain; the unspecified one for
// none.
func value[E ~int32, S ~string](names map[string]int32, s S) E { return E(names[string(s)]) }
