// Drives faiss for `claw bench hnsw`: reads commands, one a line, and answers each with one line. Vectors come as .fvecs files. Percentiles are of processor time.
//   build M EFC THREADS   -> built SECONDS CPU_SECONDS P50_US P99_US RSS_BYTES
//   search K EF OUT       -> searched SECONDS CPU_SECONDS P50_US P99_US   (labels of all queries go to the file OUT as uint32, K a query)
#include <faiss/IndexHNSW.h>
#include <omp.h>
#include "driver.hpp"

int main(int argc, char** argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: hnswlib_driver BASE.fvecs QUERIES.fvecs ip|l2\n");
        return 2;
    }
    Vectors base = read(argv[1]), queries = read(argv[2]);
    faiss::MetricType metric = std::string(argv[3]) == "l2" ? faiss::METRIC_L2 : faiss::METRIC_INNER_PRODUCT;
    std::unique_ptr<faiss::IndexHNSWFlat> index;
    std::string line;
    while (std::getline(std::cin, line)) {
        std::istringstream words(line);
        std::string verb;
        words >> verb;
        if (verb == "build") {
            size_t m, construction;
            int threads;
            words >> m >> construction >> threads;
            index.reset();
            long before = resident();
            auto start = Clock::now();
            double begun = processor();
            index = std::make_unique<faiss::IndexHNSWFlat>(static_cast<int>(base.dimensions), static_cast<int>(m), metric);
            index->hnsw.efConstruction = static_cast<int>(construction);
            omp_set_num_threads(threads);
            // One batch: an add of one vector prepares a lock for every vector there is. So no percentiles, only the mean.
            index->add(static_cast<faiss::Index::idx_t>(base.count()), base.row(0));
            std::vector<double> times(1, seconds(start) / base.count());
            omp_set_num_threads(1);
            double all = seconds(start);
            std::sort(times.begin(), times.end());
            printf("built %.4f %.4f %.2f %.2f %ld\n", all, processor() - begun, percentile(times, 0.5), percentile(times, 0.99), resident() - before);
        } else if (verb == "search" && index) {
            size_t k, ef;
            std::string out;
            words >> k >> ef >> out;
            index->hnsw.efSearch = static_cast<int>(ef);
            std::vector<float> distances(k);
            std::vector<faiss::Index::idx_t> found(k);
            std::vector<uint32_t> labels(queries.count() * k, UINT32_MAX);
            std::vector<double> times(queries.count());
            auto start = Clock::now();
            double begun = processor();
            for (size_t q = 0; q < queries.count(); q++) {
                double from = processor();
                index->search(1, queries.row(q), static_cast<faiss::Index::idx_t>(k), distances.data(), found.data());
                times[q] = processor() - from;
                for (size_t i = 0; i < k; i++) labels[q * k + i] = static_cast<uint32_t>(found[i]);
            }
            double all = seconds(start), used = processor() - begun;
            std::ofstream(out, std::ios::binary).write(reinterpret_cast<char*>(labels.data()), labels.size() * 4);
            std::sort(times.begin(), times.end());
            printf("searched %.6f %.6f %.2f %.2f\n", all, used, percentile(times, 0.5), percentile(times, 0.99));
        } else {
            printf("unknown command\n");
        }
        fflush(stdout);
    }
    return 0;
}
