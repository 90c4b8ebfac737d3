// Command rival serves one of the chains that Journey API is measured against. The benchmark starts it.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"

	"github.com/gofiber/fiber/v2"

	"github.com/journey-os/journey-api/bench/chain"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "rival:", err)
		os.Exit(1)
	}
}

func run() error {
	kind := flag.String("kind", "", "bare or plain")
	address := flag.String("address", "127.0.0.1:0", "where to listen")
	me := flag.String("me", "", "bare: the reply to GET /api/me")
	health := flag.String("health", "", "bare: the reply to GET /health")
	secret := flag.String("secret", "", "plain: what tokens are signed with; log lines go to stdout")
	flag.Parse()
	app, err := build(*kind, *me, *health, *secret)
	if err != nil {
		return err
	}
	return app.Listen(*address)
}

func build(kind, me, health, secret string) (*fiber.App, error) {
	switch kind {
	case "bare":
		var meReply chain.Envelope[chain.Me]
		var healthReply chain.Envelope[chain.Health]
		if err := errors.Join(json.Unmarshal([]byte(me), &meReply), json.Unmarshal([]byte(health), &healthReply)); err != nil {
			return nil, fmt.Errorf("read the replies: %w", err)
		}
		return chain.Bare(meReply, healthReply), nil
	case "plain":
		return chain.Plain([]byte(secret), os.Stdout), nil
	default:
		return nil, fmt.Errorf("%q is no kind: take bare or plain", kind)
	}
}
