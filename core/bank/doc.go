// Package bank is what there is to learn and to ask: concepts, what each builds on, and items. A concept or an item may
// belong to an institution; without one it is shared by all.
package bank
