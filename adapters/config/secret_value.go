package config

import (
	"errors"
	"fmt"
	"strings"

	"github.com/journey-os/journey-api/core"
)

var anySecret = kind[Secret]{"", func(value string) (Secret, error) { return NewSecret(value), nil }}

// apiKey takes what can stand in an HTTP header.
var apiKey = kind[Secret]{"", func(value string) (Secret, error) {
	if strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return Secret{}, errors.New("has a space, a line break or a character outside ASCII")
	}
	return NewSecret(value), nil
}}

var signingSecret = kind[Secret]{fmt.Sprintf("at least %d bytes", core.MinSecretBytes), func(value string) (Secret, error) {
	if len(value) < core.MinSecretBytes {
		return Secret{}, fmt.Errorf("is too short: it takes at least %d bytes", core.MinSecretBytes)
	}
	return NewSecret(value), nil
}}
