package credit

// Label is the part as it is printed, such as 主催; empty for none.
func (p Part) Label() string {
	for _, l := range labels {
		if l.part == p {
			return l.ja
		}
	}
	return ""
}
