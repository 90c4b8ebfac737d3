package mastery

import (
	"context"

	"github.com/journey-os/journey-api/adapters/httpapi"
	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/ports"
)

// bankPages lists the bank.
type bankPages struct{ catalogue ports.Catalogue }

type conceptsInput struct {
	httpapi.Paging
}

type concepts struct {
	Concepts []concept `json:"concepts" nullable:"false"`
	Total    int       `json:"total"`
}

type concept struct {
	ConceptID     string   `json:"concept_id"`
	Name          string   `json:"name"`
	Weight        float64  `json:"weight" doc:"How much practice prefers it; 1 unless the bank says otherwise"`
	Prerequisites []string `json:"prerequisites" nullable:"false" doc:"The concepts that it builds on directly"`
}

func (b bankPages) concepts(ctx context.Context, in *conceptsInput) (httpapi.Reply[concepts], error) {
	found, total, err := b.catalogue.Concepts(ctx, httpapi.ScopeOf(ctx), bank.Page{Limit: in.Limit, Offset: in.Offset})
	if err != nil {
		return httpapi.Reply[concepts]{}, err
	}
	listed := concepts{Total: total, Concepts: make([]concept, len(found))}
	for i, one := range found {
		listed.Concepts[i] = concept{
			ConceptID: one.ID, Name: one.Name, Weight: one.Weight, Prerequisites: append([]string{}, one.Prerequisites...),
		}
	}
	return httpapi.OK(listed), nil
}

type itemsInput struct {
	ConceptID httpapi.ID `query:"concept_id" doc:"Only the items of this concept"`
	httpapi.Paging
}

type items struct {
	Items []item `json:"items" nullable:"false"`
	Total int    `json:"total"`
}

// item is what every caller may see of an item: never its key, never its explanation.
type item struct {
	ItemID    string   `json:"item_id"`
	ConceptID string   `json:"concept_id"`
	Stem      string   `json:"stem"`
	Options   []Option `json:"options" nullable:"false"`
	Retired   bool     `json:"retired" doc:"Whether it is no longer picked"`
}

// Option is one of the answers that an item offers.
type Option struct {
	Key  string `json:"key"`
	Text string `json:"text"`
}

func (b bankPages) items(ctx context.Context, in *itemsInput) (httpapi.Reply[items], error) {
	found, total, err := b.catalogue.Items(ctx, httpapi.ScopeOf(ctx), bank.ItemFilter{
		ConceptID: string(in.ConceptID), Page: bank.Page{Limit: in.Limit, Offset: in.Offset},
	})
	if err != nil {
		return httpapi.Reply[items]{}, err
	}
	listed := items{Total: total, Items: make([]item, len(found))}
	for i, one := range found {
		listed.Items[i] = item{ItemID: one.ID, ConceptID: one.ConceptID, Stem: one.Stem, Options: OptionsOf(one.Options), Retired: one.Retired}
	}
	return httpapi.OK(listed), nil
}

// OptionsOf returns an item's options on the wire.
func OptionsOf(options []bank.Option) []Option {
	wire := make([]Option, len(options))
	for i, one := range options {
		wire[i] = Option(one)
	}
	return wire
}
