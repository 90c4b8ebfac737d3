package httpapi_test

import (
	"context"
	"testing"

	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/internal/testkit/apitest"
	"github.com/journey-os/journey-api/internal/testkit/goroutines"
	"github.com/journey-os/journey-api/ports"
	"github.com/journey-os/journey-api/ports/portstest"
)

func TestMain(m *testing.M) { goroutines.Main(m, goroutines.OfFasthttp()...) }

const (
	origin       = apitest.Origin
	expiredToken = apitest.ExpiredToken
)

type (
	options = apitest.Options
	request = apitest.Request
	reply   = apitest.Reply
	failed  = apitest.Failed
)

// service is a server under test with the example engine.
type service struct {
	*apitest.API
	t *testing.T
}

func start(t *testing.T, change ...func(*options)) *service {
	t.Helper()
	withExample := func(o *options) {
		o.Engines = []httpapi.Routes{exampleRoutes, recordRoutes, exampleExport}
		o.Diagnose = diagnose
	}
	return &service{apitest.Start(t, append([]func(*options){withExample}, change...)...), t}
}

// get is Do for the plainest request.
func (s *service) get(path string) reply { return s.Do(request{Path: path}) }

// holdingVerifier signals arrived when a request comes, and holds it until release is closed.
func holdingVerifier(arrived chan<- struct{}, release <-chan struct{}) ports.TokenVerifier {
	known := apitest.Verifier()
	return &portstest.TokenVerifierMock{
		VerifyFunc: func(ctx context.Context, token string) (core.AuthTokenPayload, error) {
			arrived <- struct{}{}
			<-release
			return known.Verify(ctx, token)
		},
	}
}
