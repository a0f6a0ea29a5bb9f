package organization

// MergeInto ends the organization, which is the same as survivor. Errors:
// SURVIVOR_IS_SAME, SURVIVOR_NOT_PUBLISHED, INVALID_STATE_TRANSITION.
func (o *Organization) MergeInto(survivor *Organization, reason string) error {
	if o.ID == survivor.ID {
		return ErrSurvivorIsSame.OnPath("survivorId")
	}
	to, err := o.State.After(Merge)
	if err != nil {
		return err
	}
	if !survivor.State.Published() {
		return ErrSurvivorNotPublished
	}
	o.State, o.StateReason, o.SurvivorID = to, reason, &survivor.ID
	return nil
}
