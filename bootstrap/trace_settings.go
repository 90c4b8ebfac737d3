package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"github.com/journey-os/journey-api/adapters/config"
)

const (
	// otlp is the prefix of the variables that say where spans go. Each has a twin for traces alone, which beats it.
	otlp       = "OTEL_EXPORTER_OTLP_"
	otlpTraces = otlp + "TRACES_"
	// tracesPath is below an endpoint that is not for traces alone (OTLP's specification, section OTLP/HTTP).
	tracesPath = "v1/traces"
	// defaultExportTimeout is what the specification gives a batch.
	defaultExportTimeout = 10 * time.Second
)

// traceSettings is what OpenTelemetry's standard variables ask for. They are no settings of the service: they come from
// the environment alone, mean here what they mean everywhere, and a faulty one stops nothing but tracing.
type traceSettings struct {
	// endpoint is the URL that spans are sent to; "" where nothing is traced.
	endpoint string
	// headers hold credentials.
	headers     map[string]string
	timeout     time.Duration
	compress    bool
	tls         *tls.Config
	sampler     sdktrace.Sampler
	samplerName string
	resource    *resource.Resource
}

// traceVariables are the variables with what is wrong with them. A warning never quotes a value: most may hold a secret.
type traceVariables struct {
	values   map[string]string
	warnings []config.Warning
}

// readTraceSettings reads the variables. Nothing is traced, and nothing is said, where no endpoint is set.
func readTraceSettings(environment map[string]string) (traceSettings, []config.Warning) {
	v := &traceVariables{values: environment}
	if v.isOff() {
		return traceSettings{}, nil
	}
	settings := traceSettings{
		endpoint: v.endpoint(), headers: v.headers(), timeout: v.timeout(), compress: v.compress(), resource: v.resource(),
	}
	settings.sampler, settings.samplerName = v.sampler()
	var err error
	if settings.tls, err = v.tls(); err != nil {
		v.warn(otlp+"CERTIFICATE", "names no certificates and keys that can be read: nothing is traced")
		settings.endpoint = ""
	}
	if !v.isSupported() {
		settings.endpoint = ""
	}
	return settings, v.warnings
}

func (v *traceVariables) warn(name, message string) {
	v.warnings = append(v.warnings, config.Warning{Name: name, Message: message})
}

func (v *traceVariables) get(name string) string { return strings.TrimSpace(v.values[name]) }

// otlp returns an exporter's variable, and which of the two it was.
func (v *traceVariables) otlp(name string) (value, from string) {
	if value := v.get(otlpTraces + name); value != "" {
		return value, otlpTraces + name
	}
	return v.get(otlp + name), otlp + name
}

func (v *traceVariables) isOff() bool {
	endpoint, _ := v.otlp("ENDPOINT")
	return endpoint == "" || strings.EqualFold(v.get("OTEL_SDK_DISABLED"), "true") || v.get("OTEL_TRACES_EXPORTER") == "none"
}

// isSupported says that spans can be sent in the way that is asked for.
func (v *traceVariables) isSupported() bool {
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

func (v *traceVariables) endpoint() string {
	value, from := v.otlp("ENDPOINT")
	parsed, err := url.Parse(value)
	if err != nil || parsed.Scheme != "http" && parsed.Scheme != "https" || parsed.Hostname() == "" ||
		parsed.User != nil || parsed.RawQuery != "" || parsed.Fragment != "" {
		v.warn(from, "is no http(s)://host:port without user, query and fragment: nothing is traced")
		return ""
	}
	if from == otlp+"ENDPOINT" {
		parsed = parsed.JoinPath(tracesPath)
	}
	return parsed.String()
}

func (v *traceVariables) headers() map[string]string {
	value, from := v.otlp("HEADERS")
	headers := map[string]string{}
	for name, text := range v.pairs(value, from) {
		if !isHeader(name, text) {
			v.warn(from, "has what can be no header, which is left out")
			continue
		}
		headers[name] = text
	}
	return headers
}

// pairs reads name=value,name=value with values percent-encoded, as W3C Baggage has them.
func (v *traceVariables) pairs(list, from string) map[string]string {
	pairs := map[string]string{}
	for item := range strings.SplitSeq(list, ",") {
		name, value, ok := strings.Cut(item, "=")
		decoded, err := url.PathUnescape(strings.TrimSpace(value))
		name = strings.TrimSpace(name)
		switch {
		case strings.TrimSpace(item) == "":
		case !ok || name == "" || err != nil:
			v.warn(from, "has an entry that is not name=value, which is left out")
		default:
			pairs[name] = decoded
		}
	}
	return pairs
}

// isHeader says that a header can be sent as it is (RFC 9110, sections 5.1 and 5.5).
func isHeader(name, value string) bool {
	const signs = "!#$%&'*+-.^_`|~"
	badName := strings.ContainsFunc(name, func(r rune) bool {
		return ('a' > r || r > 'z') && ('A' > r || r > 'Z') && ('0' > r || r > '9') && !strings.ContainsRune(signs, r)
	})
	badValue := strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
	return !badName && !badValue
}

func (v *traceVariables) timeout() time.Duration {
	value, from := v.otlp("TIMEOUT")
	if value == "" {
		return defaultExportTimeout
	}
	milliseconds, err := strconv.ParseInt(value, 10, 32)
	if err != nil || milliseconds <= 0 {
		v.warn(from, "is no number of milliseconds: 10000 is taken")
		return defaultExportTimeout
	}
	return time.Duration(milliseconds) * time.Millisecond
}

func (v *traceVariables) compress() bool {
	value, from := v.otlp("COMPRESSION")
	if value != "" && value != "gzip" && value != "none" {
		v.warn(from, "is neither gzip nor none: spans are sent as they are")
	}
	return value == "gzip"
}

// tls is nil where the system's authorities and no certificate of our own do.
func (v *traceVariables) tls() (*tls.Config, error) {
	authorities, _ := v.otlp("CERTIFICATE")
	certificate, _ := v.otlp("CLIENT_CERTIFICATE")
	key, _ := v.otlp("CLIENT_KEY")
	if authorities == "" && certificate == "" && key == "" {
		return nil, nil
	}
	settings := &tls.Config{MinVersion: tls.VersionTLS12}
	if authorities != "" {
		text, err := os.ReadFile(authorities)
		if err != nil {
			return nil, err
		}
		settings.RootCAs = x509.NewCertPool()
		if !settings.RootCAs.AppendCertsFromPEM(text) {
			return nil, errors.New("there is no certificate in it")
		}
	}
	if certificate != "" || key != "" {
		own, err := tls.LoadX509KeyPair(certificate, key)
		if err != nil {
			return nil, err
		}
		settings.Certificates = []tls.Certificate{own}
	}
	return settings, nil
}

// resource says who traces: OTEL_RESOURCE_ATTRIBUTES, above what the service knows of itself, and OTEL_SERVICE_NAME above
// both.
func (v *traceVariables) resource() *resource.Resource {
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
