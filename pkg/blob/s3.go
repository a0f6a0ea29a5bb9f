package blob

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// S3Config says where an S3-compatible bucket is.
type S3Config struct {
	Endpoint  string // Host and port, without a scheme.
	Bucket    string // Must exist.
	Region    string // Empty where the store has none.
	AccessKey string
	SecretKey string
	Insecure  bool // Plain HTTP, for a store on the same private network.
}

type bucket struct {
	client *minio.Client
	name   string
}

// NewS3 returns a store in a bucket.
func NewS3(cfg S3Config) (*Store, error) {
	c, err := minio.New(cfg.Endpoint, &minio.Options{
		Creds:  credentials.NewStaticV4(cfg.AccessKey, cfg.SecretKey, ""),
		Secure: !cfg.Insecure,
		Region: cfg.Region,
	})
	if err != nil {
		return nil, fmt.Errorf("attachment store %s: %w", cfg.Endpoint, err)
	}
	return &Store{backend: bucket{client: c, name: cfg.Bucket}}, nil
}

func (b bucket) has(ctx context.Context, sha string) (bool, error) {
	_, err := b.client.StatObject(ctx, b.name, sha, minio.StatObjectOptions{})
	if isMissing(err) {
		return false, nil
	}
	return err == nil, unreachable(err)
}

func (b bucket) put(ctx context.Context, sha string, f *os.File, size int64) error {
	_, err := b.client.PutObject(ctx, b.name, sha, f, size, minio.PutObjectOptions{ContentType: "application/octet-stream"})
	return unreachable(err)
}

func (b bucket) open(ctx context.Context, sha string) (io.ReadCloser, error) {
	o, err := b.client.GetObject(ctx, b.name, sha, minio.GetObjectOptions{})
	if err == nil {
		_, err = o.Stat()
	}
	if isMissing(err) {
		return nil, fmt.Errorf("%w: content %s: %w", ErrLost, sha, err)
	}
	if err != nil {
		return nil, unreachable(err)
	}
	return o, nil
}

func isMissing(err error) bool {
	return err != nil && minio.ToErrorResponse(err).StatusCode == http.StatusNotFound
}

func unreachable(err error) error {
	if err == nil {
		return nil
	}
	return fault.ErrDependencyUnavailable.Because(err)
}
