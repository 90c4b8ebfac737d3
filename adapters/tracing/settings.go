package tracing

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
)

const (
	// otlp is the prefix of the exporter's variables. Each has a variant only for traces, which overrides it.
	otlp       = "OTEL_EXPORTER_OTLP_"
	otlpTraces = otlp + "TRACES_"
	// tracesPath is appended to an endpoint that is not only for traces (OTLP's specification, section OTLP/HTTP).
	tracesPath = "v1/traces"
	// defaultExportTimeout is the specification's time-out of a batch.
	defaultExportTimeout = 10 * time.Second
)

// Source is what Read reads from.
type Source struct {
	// Environment is the process's environment.
	Environment map[string]string
	// Version is the service's version, for its spans.
	Version string
	// IsTrusted reports whether the request of a context joined the trace of somebody who may decide whether it is
	// recorded. It is required.
	IsTrusted func(context.Context) bool
	// NeedsEncryption reports whether credentials for a URL may only be sent over TLS; nil is never.
	NeedsEncryption func(url string) bool
}

// Settings are the values of OpenTelemetry's standard variables. They are no settings of the service: they come only
// from the environment and have their standard meaning, and a faulty one disables only tracing.
type Settings struct {
	// endpoint is the URL that spans are sent to; "" if nothing is traced.
	endpoint string
	// headers hold credentials.
	headers     map[string]string
	timeout     time.Duration
	compress    bool
	tls         *tls.Config
	sampler     sdktrace.Sampler
	samplerName string
	resource    *resource.Resource
	version     string
}

// Read reads the variables. If no endpoint is set, nothing is traced and there are no warnings.
func Read(source Source) (Settings, []Warning) {
	v := &variables{values: source.Environment, isTrusted: source.IsTrusted}
	if v.isOff() {
		return Settings{}, nil
	}
	settings := Settings{
		endpoint: v.endpoint(), headers: v.headers(), timeout: v.timeout(), compress: v.compress(),
		resource: v.resource(source.Version), version: source.Version,
	}
	settings.sampler, settings.samplerName = v.sampler()
	tls, ok := v.tls()
	settings.tls = tls
	if !v.isSupported() || !ok || !v.isPrivate(settings, source.NeedsEncryption) {
		settings.endpoint = ""
	}
	return settings, v.warnings
}

func (v *variables) isOff() bool {
	endpoint, _ := v.otlp("ENDPOINT")
	return endpoint == "" || strings.EqualFold(v.get("OTEL_SDK_DISABLED"), "true") || v.get("OTEL_TRACES_EXPORTER") == "none"
}

// isSupported reports whether the chosen protocol is supported.
func (v *variables) isSupported() bool {
	protocol, from := v.otlp("PROTOCOL")
	known := protocol == "" || protocol == "http/protobuf"
	if !known {
		v.warn(from, "is none that the service speaks, which is http/protobuf alone (collectors listen for it on port 4318): nothing is traced")
	}
	exporters := v.get("OTEL_TRACES_EXPORTER")
	exports := exporters == "" || slices.Contains(strings.Split(exporters, ","), "otlp")
	if !exports {
		v.warn("OTEL_TRACES_EXPORTER", "is neither otlp nor none: nothing is traced")
	}
	return known && exports
}

// isPrivate reports whether no header is sent over a plain connection that has to be encrypted.
func (v *variables) isPrivate(settings Settings, needsEncryption func(url string) bool) bool {
	if len(settings.headers) == 0 || needsEncryption == nil || !needsEncryption(settings.endpoint) {
		return true
	}
	_, from := v.otlp("HEADERS")
	v.warn(from, "would travel in the open, since the endpoint is http:// to a public host: nothing is traced")
	return false
}

// tls returns nil for the system's authorities without a client certificate. It reports false if a file can't be used.
func (v *variables) tls() (settings *tls.Config, ok bool) {
	authorities, authoritiesFrom := v.otlp("CERTIFICATE")
	certificate, certificateFrom := v.otlp("CLIENT_CERTIFICATE")
	key, _ := v.otlp("CLIENT_KEY")
	if authorities == "" && certificate == "" && key == "" {
		return nil, true
	}
	settings = &tls.Config{MinVersion: tls.VersionTLS12}
	if authorities != "" {
		text, err := os.ReadFile(authorities)
		settings.RootCAs = x509.NewCertPool()
		if err != nil || !settings.RootCAs.AppendCertsFromPEM(text) {
			v.warn(authoritiesFrom, "names no file of certificates that can be used: nothing is traced")
			return nil, false
		}
	}
	if certificate != "" || key != "" {
		own, err := tls.LoadX509KeyPair(certificate, key)
		if err != nil {
			v.warn(certificateFrom, "and the key for it name no files that can be used: nothing is traced")
			return nil, false
		}
		settings.Certificates = []tls.Certificate{own}
	}
	return settings, true
}

// resource describes the service in spans. OTEL_RESOURCE_ATTRIBUTES overrides the service's own attributes, and
// OTEL_SERVICE_NAME overrides both.
func (v *variables) resource(version string) *resource.Resource {
	const named = "OTEL_RESOURCE_ATTRIBUTES"
	attributes := []attribute.KeyValue{
		semconv.ServiceName("journey-api"), semconv.ServiceVersion(version), semconv.ServiceInstanceID(uuid.NewString()),
		semconv.TelemetrySDKLanguageGo, semconv.TelemetrySDKName("opentelemetry"), semconv.TelemetrySDKVersion(sdk.Version()),
	}
	for name, value := range v.pairs(v.get(named), named) {
		attributes = append(attributes, attribute.String(name, value))
	}
	if name := v.get("OTEL_SERVICE_NAME"); name != "" {
		attributes = append(attributes, semconv.ServiceName(name))
	}
	return resource.NewSchemaless(attributes...) // the last of a name counts
}
