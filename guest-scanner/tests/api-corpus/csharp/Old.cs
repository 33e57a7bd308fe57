using System.Net;

class Old
{
    static string Fetch(string host)
    {
        var url = string.Format("http://{0}/status", host);
        var request = (HttpWebRequest)WebRequest.Create(url);
        request.Method = "POST";
        using (var client = new WebClient())
        {
            return client.DownloadString("http://old.example.com/motd.txt");
        }
    }
}
