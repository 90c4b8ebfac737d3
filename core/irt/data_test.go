package irt_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/journey-os/journey-api/core/irt"
)

func TestDataCountsWhatWasAdded(t *testing.T) {
	var b irt.Builder
	b.Add("ann", "x", true)
	b.Add("bob", "y", false)
	b.Add("ann", "y", false)
	b.Person("idle")
	data := build(t, &b)
	got := [3]int{data.People(), data.Items(), data.Responses()}
	if got != [3]int{3, 2, 3} {
		t.Errorf("people, items and responses are %v", got)
	}
}

func TestIDsKeepTheirHandles(t *testing.T) {
	var b irt.Builder
	first, second := b.Item("x"), b.Item("y")
	if first == second || b.Item("x") != first || b.Item("y") != second {
		t.Errorf("the handles are %d and %d, and later %d and %d", first, second, b.Item("x"), b.Item("y"))
	}
}

func TestTwoAnswersOfAPersonToAnItemAreRefused(t *testing.T) {
	var b irt.Builder
	b.Add("ann", "x", true)
	b.Add("bob", "x", true)
	b.Add("ann", "y", false)
	b.Add("bob", "x", false)
	_, err := b.Data()
	var duplicate *irt.DuplicateError
	if !errors.As(err, &duplicate) {
		t.Fatalf("the error is %v", err)
	}
	if diff := cmp.Diff(irt.DuplicateError{Person: "bob", Item: "x", First: 1, Second: 3}, *duplicate); diff != "" {
		t.Error(diff)
	}
}

func TestDataWithoutAnswersIsNoFault(t *testing.T) {
	var b irt.Builder
	data := build(t, &b)
	if data.People()+data.Items()+data.Responses() != 0 {
		t.Error("an empty builder has people, items or answers")
	}
}
