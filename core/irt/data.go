package irt

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Data are scored answers of people to items, at most one for each person and item; a missing one is simply absent.
// People and items are sorted by id, byte by byte, so that the order in which answers were added makes no difference. A
// Data never changes and may be used by many goroutines at once.
type Data struct {
	people []string
	items  []string
	// The answers of person p are cells[first[p]:first[p+1]], sorted by item.
	first []int
	cells []cell
}

// cell is one answer: the index of the item or the person, times two, plus one if it is right.
type cell uint32

func newCell(index int, correct bool) cell {
	c := cell(index) << 1 //nolint:gosec // an index is below maxIndex, which Builder.Data checks
	if correct {
		c |= 1
	}
	return c
}

func (c cell) index() int  { return int(c >> 1) }
func (c cell) score() int  { return int(c & 1) }
func (c cell) right() bool { return c&1 == 1 }

// People returns the number of people.
func (d *Data) People() int { return len(d.people) }

// Items returns the number of items.
func (d *Data) Items() int { return len(d.items) }

// Responses returns the number of answers.
func (d *Data) Responses() int { return len(d.cells) }

// maxIndex is the largest number of people or items: a cell keeps 31 bits of an index.
const maxIndex = math.MaxInt32

// Builder gathers answers for a Data, in any order. Each takes eight bytes. The zero value is ready to use; a Builder
// serves one goroutine at a time.
type Builder struct {
	personIndex, itemIndex map[string]int
	people, items          []string
	owners                 []uint32
	cells                  []cell
}

// Person returns the handle of the person with an id, and adds the person if the id is new. The id is copied.
func (b *Builder) Person(id string) int { return intern(&b.personIndex, &b.people, id) }

// Item returns the handle of the item with an id, and adds the item if the id is new. The id is copied.
func (b *Builder) Item(id string) int { return intern(&b.itemIndex, &b.items, id) }

func intern(index *map[string]int, ids *[]string, id string) int {
	if at, known := (*index)[id]; known {
		return at
	}
	if *index == nil {
		*index = map[string]int{}
	}
	own := strings.Clone(id) // id itself stays where it is, so that a caller's string(bytes) costs no allocation
	at := len(*ids)
	(*index)[own] = at
	*ids = append(*ids, own)
	return at
}

// Answer adds the answer of a person to an item, both handles of this Builder.
func (b *Builder) Answer(person, item int, correct bool) {
	b.owners = append(b.owners, uint32(person)) //nolint:gosec // a handle is below maxIndex, which Data checks
	b.cells = append(b.cells, newCell(item, correct))
}

// Add adds the answer of a person to an item by their ids.
func (b *Builder) Add(person, item string, correct bool) {
	b.Answer(b.Person(person), b.Item(item), correct)
}

// DuplicateError is the error for two answers of one person to one item.
type DuplicateError struct {
	Person, Item string
	// First and Second count the answers in the order in which they were added, from 0.
	First, Second int
}

func (e *DuplicateError) Error() string {
	return fmt.Sprintf("person %q has two answers to item %q", e.Person, e.Item)
}

// Data returns what was added. It returns a *DuplicateError if a person has two answers to an item. The Builder can be
// used further; it shares nothing with the Data.
func (b *Builder) Data() (*Data, error) {
	if len(b.people) > maxIndex || len(b.items) > maxIndex {
		return nil, errors.New("too many people or items")
	}
	people, personRank := ranked(b.people)
	items, itemRank := ranked(b.items)
	first := make([]int, len(people)+1)
	for _, owner := range b.owners {
		first[personRank[owner]+1]++
	}
	for p := range people {
		first[p+1] += first[p]
	}
	next := slices.Clone(first[:len(people)])
	cells := make([]cell, len(b.cells))
	for k, owner := range b.owners {
		p := personRank[owner]
		cells[next[p]] = newCell(itemRank[b.cells[k].index()], b.cells[k].right())
		next[p]++
	}
	for p := range people {
		own := cells[first[p]:first[p+1]]
		slices.Sort(own)
		for k := 1; k < len(own); k++ {
			if own[k].index() == own[k-1].index() {
				return nil, b.duplicate(people[p], items[own[k].index()])
			}
		}
	}
	return &Data{people: people, items: items, first: first, cells: cells}, nil
}

// ranked returns the ids sorted, and the rank of each handle among them.
func ranked(ids []string) (sorted []string, rank []int) {
	order := make([]int, len(ids))
	for k := range order {
		order[k] = k
	}
	slices.SortFunc(order, func(x, y int) int { return strings.Compare(ids[x], ids[y]) })
	sorted, rank = make([]string, len(ids)), make([]int, len(ids))
	for place, handle := range order {
		sorted[place], rank[handle] = ids[handle], place
	}
	return sorted, rank
}

func (b *Builder) duplicate(person, item string) *DuplicateError {
	p, i := b.personIndex[person], b.itemIndex[item]
	e := &DuplicateError{Person: person, Item: item, First: -1}
	for k, owner := range b.owners {
		if int(owner) != p || b.cells[k].index() != i {
			continue
		}
		if e.First < 0 {
			e.First = k
			continue
		}
		e.Second = k
		break
	}
	return e
}
