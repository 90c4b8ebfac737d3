package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
	"go.opentelemetry.io/otel/trace"

	"github.com/journey-os/journey-api/adapters/httpapi/sockets"
	"github.com/journey-os/journey-api/core"
	corehealth "github.com/journey-os/journey-api/core/health"
	"github.com/journey-os/journey-api/ports"
)

// Config configures a Server. Every field but CORSOrigins, CORSHeaders, TrustedProxies and DocsEnabled is required.
type Config struct {
	Version string
	// CORSOrigins are the origins whose pages may call, in lower case, or "*". The first label of a host may be *,
	// which matches any one label.
	CORSOrigins []string
	// CORSHeaders are request headers that such pages may send, beside those that every page may send.
	CORSHeaders []string
	// TrustedProxies are the proxies whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	DocsEnabled    bool
	// Development shows every caller the routes that refuse them, and why. The log then says what to set for a page
	// that CORS refuses.
	Development bool
	// MaxBodyBytes and MaxHeaderBytes bound a request; the latter counts the request line as well.
	MaxBodyBytes, MaxHeaderBytes int
	// MaxInFlight is how many requests are served at once, without probes.
	MaxInFlight int
	// RateLimit is how many requests a minute each user may make. FailedSignInLimit is how many tokens without a valid
	// signature each address may send a minute. 0 is any number.
	RateLimit, FailedSignInLimit int
	// RequestTimeout bounds a handler, ReadTimeout the arrival of a request, WriteTimeout the sending of its reply,
	// IdleTimeout the time that a connection may be idle.
	RequestTimeout, ReadTimeout, WriteTimeout, IdleTimeout time.Duration
}

// Dependencies are what a Server needs.
type Dependencies struct {
	Verifier ports.TokenVerifier
	Health   *corehealth.Monitor
	// Log gets one line a request, and one for each refusal of a known caller.
	Log slog.Handler
	// Diagnose collects the diagnostics of the other adapters, for a superadmin. It may be called at any time.
	Diagnose func() Diagnostics
	// Observe, if it is set, is called for each request after its reply was made, by many goroutines at once.
	Observe func(Observation)
	// SignIn, if it is set, signs in a demo user of the practice page with the role student or faculty. Only requests
	// from this machine reach it. It may be called by many goroutines at once.
	SignIn func(core.Role) (SignedIn, error)
	// Traces, if it is set, gets a span for each request but those of probes.
	Traces trace.TracerProvider
}

// Server serves HTTP.
type Server struct {
	config   Config
	verifier ports.TokenVerifier
	health   *corehealth.Monitor
	log      slog.Handler
	diagnose func() Diagnostics
	observe  func(Observation)
	signIn   func(core.Role) (SignedIn, error) // nil if there is no practice page
	tracer   trace.Tracer                      // nil if nothing is traced

	// requests limits each user's requests, failures each address's failed authentications; nil if there is no limit.
	requests *rateLimit[string]
	failures *rateLimit[netip.Addr]

	cors  corsPolicy
	hints hints

	// rendered is the last encoded health report; nil before the first.
	rendered atomic.Pointer[rendering]

	app      *fiber.App
	registry *Registry
	// document writes the OpenAPI document when it is first asked for.
	document func() ([]byte, error)
	// lifetime is the root of every request's context; abort ends it when the server stops waiting for requests.
	lifetime context.Context
	abort    context.CancelFunc
	listener atomic.Pointer[sockets.Listener]
	open     *sockets.Connections
	draining atomic.Bool
	stopped  atomic.Bool
	inFlight atomic.Int64
	bodies   *bodyBudget
}

// New builds a server of the built-in routes and the given ones. Its error names routes that were registered wrongly.
func New(config Config, dependencies Dependencies, engines ...Routes) (*Server, error) {
	s := &Server{
		config: config, verifier: dependencies.Verifier, health: dependencies.Health, log: dependencies.Log,
		diagnose: dependencies.Diagnose, observe: dependencies.Observe, signIn: dependencies.SignIn, bodies: newBodyBudget(config),
		open: sockets.New(sockets.Limits{
			Served: connectionsPerRequest * config.MaxInFlight, Refused: config.MaxInFlight, WriteTimeout: config.WriteTimeout,
		}),
	}
	if dependencies.Traces != nil {
		s.tracer = dependencies.Traces.Tracer(tracerName)
	}
	s.cors, s.hints.isOn = newCORSPolicy(config), config.Development
	s.requests = newRateLimit[string]("user", config.RateLimit)
	s.failures = newRateLimit[netip.Addr]("failed-sign-ins", config.FailedSignInLimit)
	s.lifetime, s.abort = context.WithCancel(context.Background())
	s.app = newApp(config, func(c *fiber.Ctx, err error) error {
		s.answerSocketFault(c, err)
		return nil
	})
	for _, link := range s.requestChain() {
		s.app.Use(link)
	}
	s.registry = newRegistry(s)
	s.document = sync.OnceValues(s.registry.api.OpenAPI().MarshalJSON)
	for _, register := range slices.Concat([]Routes{s.callerRoutes, s.healthRoutes, s.diagnosticRoutes}, engines, []Routes{s.docsRoutes, s.practiceRoutes}) {
		register(s.registry)
	}
	s.cors.admit(s.registry.routes)
	s.registry.documentFailures()
	documentNulls(s.registry.api.OpenAPI().Components.Schemas.Map())
	if len(s.registry.faults) > 0 {
		s.abort()
		return nil, errors.Join(s.registry.faults...)
	}
	s.prepareServer()
	return s, nil
}

// requestChain returns the handlers that every request passes, the outermost first.
func (s *Server) requestChain() []fiber.Handler {
	return []fiber.Handler{
		s.correlate,
		s.observeRequests,
		s.mapErrors,
		recoverPanics,
		s.crossOrigin,
		s.refuseLarge,
	}
}

// routeChain returns the handlers that a request passes on a matched route, before the route's handler. An unknown
// route and a wrong method are answered before it, without checking a token.
func (s *Server) routeChain(route *Route) []fiber.Handler {
	matched := func(c *fiber.Ctx) error {
		x := exchangeOf(c)
		x.route = route
		if !route.probe {
			s.startSpan(c, x)
		}
		return c.Next()
	}
	return []fiber.Handler{
		matched,
		s.limit,
		s.authenticate,
		decodeParameters,
		s.authorize,
		s.readBody,
	}
}

func newApp(config Config, socketFault fiber.ErrorHandler) *fiber.App {
	return fiber.New(fiber.Config{
		StreamRequestBody:            true, // readBody reads the rest
		BodyLimit:                    config.prefetched(),
		ReadBufferSize:               config.MaxHeaderBytes,
		ReadTimeout:                  config.ReadTimeout,
		WriteTimeout:                 config.WriteTimeout,
		IdleTimeout:                  config.IdleTimeout,
		ErrorHandler:                 socketFault,
		CaseSensitive:                true,
		StrictRouting:                true,
		Immutable:                    true, // or strings of one request would change under the next
		DisablePreParseMultipartForm: true,
		DisableStartupMessage:        true,
		Concurrency:                  math.MaxInt32, // the bound on connections is ours: fasthttp would speak plain text
		RequestMethods:               append(slices.Clone(fiber.DefaultMethods), methodOther),
	})
}

// prepareServer sets options of fasthttp that Fiber does not offer. After it no route can be added.
func (s *Server) prepareServer() {
	server := s.app.Server()
	server.Handler = s.refuseAmbiguous(s.app.Handler())
	server.HeaderReceived = s.postponeBody
	server.ErrorHandler = func(rc *fasthttp.RequestCtx, err error) {
		c := s.app.AcquireCtx(rc)
		defer s.app.ReleaseCtx(c)
		s.answerSocketFault(c, err)
	}
	server.SecureErrorLogMessage = true
	server.CloseOnShutdown = true
	server.ConnState = s.open.StateChanged
}

// Serve serves on listener until Shutdown. It then returns nil, also if Shutdown came first.
func (s *Server) Serve(listener net.Listener) error {
	bounded := s.open.Listen(listener)
	s.listener.Store(bounded)
	if s.stopped.Load() {
		return listener.Close()
	}
	err := s.app.Server().Serve(bounded)
	if s.stopped.Load() && errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// Drain makes readiness answer 503 and every further reply close its connection, so that callers go elsewhere.
func (s *Server) Drain() { s.draining.Store(true) }

// Shutdown accepts only the connections that the kernel has taken already, and waits for the requests in flight. If ctx
// ends first, it ends their contexts and returns ctx's error.
func (s *Server) Shutdown(ctx context.Context) error {
	s.Drain()
	defer s.abort()
	s.stopped.Store(true)
	if listener := s.listener.Load(); listener != nil {
		listener.Finish(ctx)
	}
	s.open.CloseSilent(ctx)
	return s.app.Server().ShutdownWithContext(ctx)
}
