package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/journey-os/journey-api/bench/chain"
)

// replies are the service's own, which the comparison servers have to give too.
type replies struct {
	me, health    []byte
	decodedMe     chain.Envelope[chain.Me]
	decodedHealth chain.Envelope[chain.Health]
}

// newReplies refuses replies that the comparison servers would not encode to the same JSON: they would do other work.
func newReplies(me, health []byte) (replies, error) {
	r := replies{me: bytes.TrimSpace(me), health: bytes.TrimSpace(health)}
	if err := decodeSame(r.me, &r.decodedMe); err != nil {
		return replies{}, fmt.Errorf("GET /api/me: %w", err)
	}
	if err := decodeSame(r.health, &r.decodedHealth); err != nil {
		return replies{}, fmt.Errorf("GET /health: %w", err)
	}
	return r, nil
}

func decodeSame(body []byte, into any) error {
	if err := json.Unmarshal(body, into); err != nil {
		return err
	}
	again, err := json.Marshal(into)
	if err != nil {
		return err
	}
	return wantSame(body, again)
}

// wantSame lets the members of an object stand in any order, which costs no more and no less.
func wantSame(want, got []byte) error {
	got = bytes.TrimSpace(got)
	var wanted, given any
	if err := errors.Join(json.Unmarshal(want, &wanted), json.Unmarshal(got, &given)); err != nil {
		return err
	}
	if len(want) != len(got) || !reflect.DeepEqual(wanted, given) {
		return fmt.Errorf("the comparison server does not answer the same:\nservice %s\nother   %s", want, got)
	}
	return nil
}
