package loopback_test

import (
	"testing"

	"github.com/journey-os/journey-api/ports/loopback"
)

func TestOnlyNamesThatNobodyElseCanTakeAreThisMachine(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "LOCALHOST:8000": true, "127.0.0.1": true, "127.8.8.8:80": true, "[::1]": true, "[::1]:8000": true, "::1": true,
		"[::ffff:127.0.0.1]:1": true,
		"":                     false, ":8000": false, "localhost.": false, "localhost.example": false, "a.localhost": false, "127.0.0.1.example": false,
		"0.0.0.0": false, "[::]:8000": false, "192.0.2.1": false, "10.0.0.1:8000": false, "2130706433": false, "0x7f.1": false,
	} {
		if got := loopback.IsHost(host); got != want {
			t.Errorf("%q: %v, want %v", host, got, want)
		}
	}
}
