package outreach

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/service"
)

func sample(context.Context, service.Deps) error { return nil }
