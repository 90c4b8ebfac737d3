package app

import (
	"context"
	"fmt"

	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/demo"
)

// loadDemoBank puts the demo bank into an embedded database whose bank is empty.
func (a *App) loadDemoBank() error {
	if _, isFile := a.settings.Database.SQLitePath(); !isFile {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), prepareTimeout)
	defer cancel()
	_, total, err := a.resources.Store.Concepts(ctx, bank.Everywhere(), bank.Page{Limit: 1})
	if err == nil && total == 0 {
		err = a.resources.Store.Put(ctx, demo.NewBank().Rows())
	}
	if err != nil {
		return fmt.Errorf("load the demo bank: %w", err)
	}
	return nil
}

// FindItem returns an item of the concept that every student may answer, or nil if the bank has none. It is for
// messages to a person who tries out the service.
func (a *App) FindItem(ctx context.Context, conceptID string) *bank.Item {
	items, _, err := a.resources.Store.Items(ctx, bank.Scope{}, bank.ItemFilter{ConceptID: conceptID, Page: bank.Page{Limit: 1}})
	if err != nil || len(items) == 0 {
		return nil
	}
	return &items[0]
}
