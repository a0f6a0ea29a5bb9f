package directory

import (
	"context"
	"encoding/json"
	"io"
	"strings"

	"google.golang.org/grpc"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/opendata"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/store"
)

const (
	exportName   = "131016_npo"
	exportMaxAge = 300       // Seconds for which anybody may keep it.
	exportPage   = 1000      // Organizations read at once.
	exportPiece  = 256 << 10 // Bytes of one message, give or take an organization.
)

// ExportOrganizations exports all published organizations as open data (市民活動団体一覧).
func (s *organizations) ExportOrganizations(req *directoryv1.ExportOrganizationsRequest, stream grpc.ServerStreamingServer[directoryv1.ExportOrganizationsResponse]) error {
	ctx := stream.Context()
	out := &exportPieces{stream: stream, about: &typev1.Document{MediaType: "text/csv; charset=utf-8", FileName: exportName + ".csv", MaxAge: exportMaxAge}}
	var err error
	switch req.GetProfile() {
	case "gif":
		out.about.MediaType, out.about.FileName = "application/json", exportName+".json"
		err = s.exportGIF(ctx, out)
	case "staff":
		if auth.From(ctx).DepartmentID == "" {
			return fault.ErrPermissionDenied
		}
		out.about.MaxAge = 0
		err = s.exportCSV(ctx, out, opendata.Staff)
	default:
		err = s.exportCSV(ctx, out, func(cell string) string { return cell })
	}
	if err != nil {
		return err
	}
	return out.flush()
}

// exportCSV writes a line an organization, each cell through guard.
func (s *organizations) exportCSV(ctx context.Context, out io.Writer, guard func(string) string) error {
	w := opendata.NewWriter(out)
	line := make([]string, len(columns))
	for i, c := range columns {
		line[i] = c.name
	}
	if err := w.Write(line); err != nil {
		return err
	}
	err := s.eachPublished(ctx, func(o *directoryv1.Organization) error {
		for i, c := range columns {
			line[i] = guard(c.text(o))
		}
		return w.Write(line)
	})
	if err != nil {
		return err
	}
	return w.Flush()
}

// exportGIF writes a JSON array with an object an organization; what is not known
// is left out.
func (s *organizations) exportGIF(ctx context.Context, out io.Writer) error {
	separator := "[\n"
	err := s.eachPublished(ctx, func(o *directoryv1.Organization) error {
		raw, err := json.Marshal(gif(o))
		if err != nil {
			return err
		}
		_, err = io.WriteString(out, separator+string(raw))
		separator = ",\n"
		return err
	})
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, strings.TrimSuffix(separator, ",\n")+"\n]\n")
	return err
}

// gif is an organization with the names of GIF DS-434.
func gif(o *directoryv1.Organization) map[string]any {
	a := o.GetAddress()
	out := map[string]any{}
	if line := a.GetPrefecture() + a.GetCity() + a.GetTown() + a.GetStreetNumber(); line != "" {
		out["registeredAddress"] = strings.TrimSpace(line + " " + a.GetBuilding())
	}
	for _, c := range columns {
		text := c.text(o)
		if c.gif == "" || text == "" {
			continue
		}
		group, name, nested := strings.Cut(c.gif, ".")
		if !nested {
			out[group] = text
			continue
		}
		inner, ok := out[group].(map[string]string)
		if !ok {
			inner = map[string]string{}
			out[group] = inner
		}
		inner[name] = text
	}
	return out
}

// eachPublished hands on all published organizations as everybody sees them, in
// Japanese order. Memory is that of a page.
func (s *organizations) eachPublished(ctx context.Context, use func(*directoryv1.Organization) error) error {
	for page := (pg.Page{Size: exportPage}); ; {
		found, err := store.ListOrganizations(ctx, s.DB, store.Viewer{}, store.OrganizationFilter{}, page)
		if err != nil {
			return err
		}
		shown, next := cut(found, page.Size)
		for _, o := range shown {
			if err := use(published(&o.Organization)); err != nil {
				return err
			}
		}
		if next == nil {
			return nil
		}
		page.After = store.KanaToken(next)
	}
}

// exportPieces sends what is written, the first piece with name and type.
type exportPieces struct {
	stream grpc.ServerStreamingServer[directoryv1.ExportOrganizationsResponse]
	about  *typev1.Document // Fields of the next piece.
	buf    []byte
}

// Write implements io.Writer.
func (p *exportPieces) Write(content []byte) (int, error) {
	p.buf = append(p.buf, content...)
	if len(p.buf) < exportPiece {
		return len(content), nil
	}
	return len(content), p.flush()
}

// flush sends what is gathered. The bytes are gathered anew after it: in one
// process the reader may still have them.
func (p *exportPieces) flush() error {
	p.about.Content = p.buf
	err := p.stream.Send(&directoryv1.ExportOrganizationsResponse{Document: p.about})
	p.about, p.buf = &typev1.Document{}, make([]byte, 0, exportPiece+exportPiece/4)
	return err
}
