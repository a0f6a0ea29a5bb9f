package outreach_test

import (
	"testing"

	"github.com/chiyoda-kyodo/kyodo/pkg/servicetest"
)

func TestReasonsAreDeclaredPromisedAndTested(t *testing.T) { servicetest.CheckReasons(t, "outreach") }
