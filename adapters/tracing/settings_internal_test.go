package tracing

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"maps"
	"math/big"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/internal/testkit/collector"
)

// asked is what was read, less what does not compare.
type asked struct {
	Endpoint string
	Headers  map[string]string
	Timeout  time.Duration
	Compress bool
	Sampler  string
}

func TestTheVariablesOfOpenTelemetry(t *testing.T) {
	t.Parallel()
	plain := asked{Endpoint: "http://c:4318/v1/traces", Headers: map[string]string{}, Timeout: 10 * time.Second, Sampler: "parentbased_always_on"}
	with := func(change func(*asked)) asked {
		changed := plain
		change(&changed)
		return changed
	}
	off := with(func(a *asked) { a.Endpoint = "" })
	const endpoint, planted = "OTEL_EXPORTER_OTLP_ENDPOINT", "planted"
	for name, tt := range map[string]struct {
		set  map[string]string
		want asked
		warn []string
	}{
		"an endpoint":               {nil, plain, nil},
		"with a path":               {map[string]string{endpoint: "https://c/otlp/"}, with(func(a *asked) { a.Endpoint = "https://c/otlp/v1/traces" }), nil},
		"for traces alone":          {map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://t:1/x"}, with(func(a *asked) { a.Endpoint = "http://t:1/x" }), nil},
		"with the user in it":       {map[string]string{endpoint: "http://planted@c"}, off, []string{endpoint}},
		"with the key in its query": {map[string]string{endpoint: "http://c?key=planted"}, off, []string{endpoint}},
		"without a scheme":          {map[string]string{endpoint: "planted:4318"}, off, []string{endpoint}},
		"without a host":            {map[string]string{endpoint: "http://:4318"}, off, []string{endpoint}},
		"of another protocol":       {map[string]string{endpoint: "grpc://planted"}, off, []string{endpoint}},

		"headers":                    {map[string]string{"OTEL_EXPORTER_OTLP_HEADERS": "api-key=a%20b, x = 1,"}, with(func(a *asked) { a.Headers = map[string]string{"api-key": "a b", "x": "1"} }), nil},
		"headers for traces alone":   {map[string]string{"OTEL_EXPORTER_OTLP_HEADERS": "a=1", "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "b=2"}, with(func(a *asked) { a.Headers = map[string]string{"b": "2"} }), nil},
		"headers without a value":    {map[string]string{"OTEL_EXPORTER_OTLP_HEADERS": "planted,b=2"}, with(func(a *asked) { a.Headers = map[string]string{"b": "2"} }), []string{"OTEL_EXPORTER_OTLP_HEADERS"}},
		"headers of another form":    {map[string]string{"OTEL_EXPORTER_OTLP_HEADERS": "b=%zzplanted"}, plain, []string{"OTEL_EXPORTER_OTLP_HEADERS"}},
		"headers that can't be sent": {map[string]string{"OTEL_EXPORTER_OTLP_HEADERS": "b=1%0aplanted"}, plain, []string{"OTEL_EXPORTER_OTLP_HEADERS"}},
		"headers of no name":         {map[string]string{"OTEL_EXPORTER_OTLP_HEADERS": "planted name=1"}, plain, []string{"OTEL_EXPORTER_OTLP_HEADERS"}},

		"a timeout":                {map[string]string{"OTEL_EXPORTER_OTLP_TIMEOUT": "1500"}, with(func(a *asked) { a.Timeout = 1500 * time.Millisecond }), nil},
		"a timeout with a unit":    {map[string]string{"OTEL_EXPORTER_OTLP_TIMEOUT": "planted"}, plain, []string{"OTEL_EXPORTER_OTLP_TIMEOUT"}},
		"no time":                  {map[string]string{"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT": "0"}, plain, []string{"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT"}},
		"compression":              {map[string]string{"OTEL_EXPORTER_OTLP_COMPRESSION": "gzip"}, with(func(a *asked) { a.Compress = true }), nil},
		"compression by none":      {map[string]string{"OTEL_EXPORTER_OTLP_COMPRESSION": "none"}, plain, nil},
		"compression by something": {map[string]string{"OTEL_EXPORTER_OTLP_COMPRESSION": "planted"}, plain, []string{"OTEL_EXPORTER_OTLP_COMPRESSION"}},

		"the protocol that it is":    {map[string]string{"OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"}, plain, nil},
		"gRPC":                       {map[string]string{"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, off, []string{"OTEL_EXPORTER_OTLP_PROTOCOL"}},
		"gRPC for all but traces":    {map[string]string{"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf"}, plain, nil},
		"the exporter that it is":    {map[string]string{"OTEL_TRACES_EXPORTER": "otlp"}, plain, nil},
		"another exporter":           {map[string]string{"OTEL_TRACES_EXPORTER": "planted"}, off, []string{"OTEL_TRACES_EXPORTER"}},
		"not disabled":               {map[string]string{"OTEL_SDK_DISABLED": "false"}, plain, nil},
		"a certificate that is none": {map[string]string{"OTEL_EXPORTER_OTLP_CERTIFICATE": "/nowhere/planted"}, off, []string{"OTEL_EXPORTER_OTLP_CERTIFICATE"}},
		"a key that is none":         {map[string]string{"OTEL_EXPORTER_OTLP_CLIENT_KEY": "/nowhere/planted"}, off, []string{"OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE"}},

		"a sampler":                 {map[string]string{"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.25"}, with(func(a *asked) { a.Sampler = "parentbased_traceidratio" }), nil},
		"a sampler without parents": {map[string]string{"OTEL_TRACES_SAMPLER": "always_off"}, with(func(a *asked) { a.Sampler = "parentbased_always_off" }), []string{"OTEL_TRACES_SAMPLER"}},
		"a sampler that is none":    {map[string]string{"OTEL_TRACES_SAMPLER": "planted"}, plain, []string{"OTEL_TRACES_SAMPLER"}},
		"a ratio that is none":      {map[string]string{"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "planted"}, with(func(a *asked) { a.Sampler = "parentbased_traceidratio" }), []string{"OTEL_TRACES_SAMPLER_ARG"}},
		"a ratio above one":         {map[string]string{"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "2"}, with(func(a *asked) { a.Sampler = "parentbased_traceidratio" }), []string{"OTEL_TRACES_SAMPLER_ARG"}},
		"a ratio that is no number": {map[string]string{"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "NaN"}, with(func(a *asked) { a.Sampler = "parentbased_traceidratio" }), []string{"OTEL_TRACES_SAMPLER_ARG"}},
		"attributes that are none":  {map[string]string{"OTEL_RESOURCE_ATTRIBUTES": "planted"}, plain, []string{"OTEL_RESOURCE_ATTRIBUTES"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			environment := map[string]string{endpoint: "http://c:4318"}
			maps.Copy(environment, tt.set)
			read, warnings := Read(Source{Environment: environment})
			got := asked{read.endpoint, read.headers, read.timeout, read.compress, read.samplerName}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			wantWarnings(t, warnings, tt.warn, planted)
		})
	}
}

func TestHeadersAreNotSentInTheOpen(t *testing.T) {
	t.Parallel()
	needs := func(url string) bool { return strings.HasPrefix(url, "http://public") }
	for name, tt := range map[string]struct {
		endpoint, headers, want string
		warn                    []string
	}{
		"a public host":                 {"http://public:4318", "api-key=planted", "", []string{"OTEL_EXPORTER_OTLP_HEADERS"}},
		"a public host without headers": {"http://public:4318", "", "http://public:4318/v1/traces", nil},
		"a private host":                {"http://c:4318", "api-key=planted", "http://c:4318/v1/traces", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			read, warnings := Read(Source{NeedsEncryption: needs, Environment: map[string]string{
				"OTEL_EXPORTER_OTLP_ENDPOINT": tt.endpoint, "OTEL_EXPORTER_OTLP_HEADERS": tt.headers,
			}})
			if read.endpoint != tt.want {
				t.Errorf("the endpoint is %q, want %q", read.endpoint, tt.want)
			}
			wantWarnings(t, warnings, tt.warn, "planted")
		})
	}
}

func wantWarnings(t *testing.T, warnings []Warning, want []string, secret string) {
	t.Helper()
	var names []string
	for _, warning := range warnings {
		names = append(names, warning.Name)
		if strings.Contains(warning.Message, secret) {
			t.Errorf("a warning quotes the value: %v", warning)
		}
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("warned of (-want +got):\n%s", diff)
	}
}

// writePEM writes a file of the test's own.
func writePEM(t *testing.T, kind string, content []byte) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "file.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// ownCertificate makes a certificate and its key.
func ownCertificate(t *testing.T) (certificate, key string) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	self := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	signed, err := x509.CreateCertificate(rand.Reader, self, self, public, private)
	if err != nil {
		t.Fatal(err)
	}
	packed, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return writePEM(t, "CERTIFICATE", signed), writePEM(t, "PRIVATE KEY", packed)
}

func TestACollectorIsMetWithTheCertificatesThatAreNamed(t *testing.T) {
	server := httptest.NewUnstartedServer(&collector.Collector{})
	server.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	authorities := writePEM(t, "CERTIFICATE", server.Certificate().Raw)
	certificate, key := ownCertificate(t)
	for name, tt := range map[string]struct {
		authorities, certificate, key string
		want                          string // the fault, or nothing
	}{
		"both sides":      {authorities, certificate, key, ""},
		"its own unknown": {"", certificate, key, "TLS failed"},
		"none of ours":    {authorities, "", "", "TLS failed"},
	} {
		t.Run(name, func(t *testing.T) {
			settings, warnings := Read(Source{Environment: map[string]string{
				"OTEL_EXPORTER_OTLP_ENDPOINT": server.URL, "OTEL_EXPORTER_OTLP_CERTIFICATE": tt.authorities,
				"OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE": tt.certificate, "OTEL_EXPORTER_OTLP_CLIENT_KEY": tt.key,
			}})
			client := newOTLPClient(settings)
			defer func() { _ = client.Stop(t.Context()) }()
			fault := ""
			if err := client.UploadTraces(t.Context(), nil); err != nil {
				fault = traceFault(err)
			}
			if fault != tt.want || len(warnings) > 0 {
				t.Errorf("the fault is %q, want %q; %v", fault, tt.want, warnings)
			}
		})
	}
}
