package config_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/adapters/config"
)

func TestSecretNeverPrints(t *testing.T) {
	t.Parallel()
	const value = "hunter2-hunter2"
	secret := config.NewSecret(value)
	hidden := struct{ secret config.Secret }{secret}
	for name, shown := range map[string]func() string{
		"%v":                func() string { return fmt.Sprintf("%v", secret) },
		"%+v":               func() string { return fmt.Sprintf("%+v", secret) },
		"%#v":               func() string { return fmt.Sprintf("%#v", secret) },
		"%s":                func() string { return fmt.Sprintf("%s", secret) },
		"%q":                func() string { return fmt.Sprintf("%q", secret) },
		"%x":                func() string { return fmt.Sprintf("%x", secret) },
		"%d":                func() string { return fmt.Sprintf("%d", secret) },
		"%20.3s":            func() string { return fmt.Sprintf("%20.3s", secret) },
		"Sprint of pointer": func() string { return fmt.Sprint(&secret) },
		"String":            secret.String,
		"GoString":          secret.GoString,
		"an error's text":   func() string { return fmt.Errorf("log in with %v: %w", secret, errors.ErrUnsupported).Error() },
		"a struct with %+v": func() string { return fmt.Sprintf("%+v", config.Neo4j{Password: secret}) },
		"a struct with %#v": func() string { return fmt.Sprintf("%#v", config.Neo4j{Password: secret}) },
		"json":              func() string { return encode(t, secret) },
		"json in a struct":  func() string { return encode(t, config.Neo4j{Password: secret}) },
		"json as a map key": func() string { return encode(t, map[config.Secret]int{secret: 1}) },
		"slog as text": func() string {
			return logged(func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) }, secret)
		},
		"slog as json": func() string {
			return logged(func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) }, secret)
		},
		"slog of a struct": func() string {
			return logged(func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) }, config.Neo4j{Password: secret})
		},
		"MarshalText": func() string { text, _ := secret.MarshalText(); return string(text) },
		"MarshalJSON": func() string { text, _ := secret.MarshalJSON(); return string(text) },
		"LogValue":    func() string { return secret.LogValue().String() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := shown(); strings.Contains(got, "hunter") || !strings.Contains(got, "***") {
				t.Errorf("printed %s", got)
			}
		})
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		if got := fmt.Sprintf(verb, hidden); strings.Contains(got, "hunter") || strings.Contains(got, fmt.Sprintf("%x", "hunter")) {
			t.Errorf("%s of an unexported field printed %s", verb, got)
		}
	}
}

func TestSecretPrintsTheSameForEveryValue(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"", "a", strings.Repeat("b", 1000)} {
		if got := fmt.Sprintf("%s %q %v", config.NewSecret(value), config.NewSecret(value), config.NewSecret(value)); got != "*** *** ***" {
			t.Errorf("printed %s", got)
		}
	}
}

func TestSecretRevealsItsValueOnRequest(t *testing.T) {
	t.Parallel()
	type shape struct {
		Value string
		IsSet bool
	}
	got := []shape{
		{config.NewSecret("a").Reveal(), config.NewSecret("a").IsSet()},
		{config.NewSecret("").Reveal(), config.NewSecret("").IsSet()},
		{config.Secret{}.Reveal(), config.Secret{}.IsSet()},
	}
	if diff := cmp.Diff([]shape{{"a", true}, {"", false}, {"", false}}, got); diff != "" {
		t.Error(diff)
	}
	if !config.NewSecret("a").Equal(config.NewSecret("a")) || config.NewSecret("a").Equal(config.NewSecret("b")) {
		t.Error("Equal does not compare the values")
	}
}

func encode(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func logged(handler func(*bytes.Buffer) slog.Handler, value any) string {
	var buffer bytes.Buffer
	slog.New(handler(&buffer)).Info("connect", "with", value)
	return buffer.String()
}
